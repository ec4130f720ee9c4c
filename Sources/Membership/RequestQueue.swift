import ZooKeeperProtocol

/// The requests an aggregator has to make: each at most once at a time, so many in flight.
///
/// Reads that stand one behind the other go out as one request: to a server a hundred thousand requests
/// are ten times the work of the reads that they ask for.
/// Invariants: a work is either waiting or in flight, never both; asked for again while in flight it is
/// noted, as its reply may be older than the wish. Works of the first reading after a connection are
/// counted apart, so that its end is seen while other changes go on.
struct RequestQueue: Sendable {
    /// One request, by what it is for.
    enum Work: Hashable, Sendable {
        /// Watch a path and all below it.
        case watch(String)
        /// List a znode's children.
        case list(String)
        /// Read a znode's data and Stat.
        case read(String)
        /// Read the Stat of a znode whose children are known, which tells whether they still are.
        case check(String)
    }

    /// A work whose reply came.
    struct Done {
        let work: Work
        /// It was asked for again meanwhile.
        let isAskedAgain: Bool
        let isFirstReading: Bool
    }

    private struct State {
        var tag: UInt64?
        var isAskedAgain = false
        var isFirstReading: Bool
    }

    private var waiting = Queue<Work>()
    private var states: [Work: State] = [:]
    private var inFlight: [UInt64: [Work]] = [:]
    private var worksInFlight = 0
    private var nextTag: UInt64 = 1
    /// Works of the first reading that are not done.
    private(set) var firstReadings = 0

    /// True when nothing is to be done or under way.
    var isEmpty: Bool { states.isEmpty }

    /// Asks for a work.
    ///
    /// - Parameters:
    ///   - work: What to do.
    ///   - isFirstReading: True when the view is not whole without it.
    mutating func add(_ work: Work, isFirstReading: Bool) {
        guard var state = states[work] else {
            states[work] = State(isFirstReading: isFirstReading)
            if isFirstReading { firstReadings += 1 }
            waiting.append(work)
            return
        }
        if state.tag != nil { state.isAskedAgain = true }
        if isFirstReading && !state.isFirstReading {
            state.isFirstReading = true
            firstReadings += 1
        }
        states[work] = state
    }

    /// The next works that may go out, as one request, with the tag under which its reply comes.
    mutating func next() -> (tag: UInt64, request: Request)? {
        let tag = nextTag
        var works: [Work] = []
        var pathBytes = 0
        while worksInFlight < Limits.requestsInFlightMax, let work = waiting.first {
            guard var state = states[work], state.tag == nil else {
                _ = waiting.popFirst()
                continue
            }
            pathBytes += work.path.utf8.count
            let fits = work.isRead && works.count < Limits.readsTogetherMax
                && pathBytes <= Limits.readPathBytesMax
            guard works.isEmpty || fits else { break }
            _ = waiting.popFirst()
            state.tag = tag
            states[work] = state
            works.append(work)
            worksInFlight += 1
            guard work.isRead else { break }
        }
        guard let first = works.first else { return nil }
        nextTag += 1
        inFlight[tag] = works
        guard works.count > 1 else { return (tag, first.request) }
        let reads = works.map { MultiReadRequest.Operation.getData($0.read) }
        return (tag, .multiRead(MultiReadRequest(reads)))
    }

    /// A reply came.
    ///
    /// - Returns: What it is the reply to, in the order of the request's parts; nil for a work that nobody
    ///   waits for any more.
    mutating func finished(_ tag: UInt64) -> [Done?] {
        guard let works = inFlight.removeValue(forKey: tag) else { return [] }
        worksInFlight -= works.count
        return works.map { work in
            guard let state = states[work], state.tag == tag else { return nil }
            remove(work)
            return Done(
                work: work,
                isAskedAgain: state.isAskedAgain,
                isFirstReading: state.isFirstReading
            )
        }
    }

    /// Nobody wants the work any more; a reply that comes all the same means nothing.
    mutating func remove(_ work: Work) {
        guard let state = states.removeValue(forKey: work) else { return }
        if state.isFirstReading { firstReadings -= 1 }
    }

    /// Forgets everything; tags go on, so that no late reply is taken for a new one.
    mutating func reset() {
        waiting = Queue()
        states = [:]
        inFlight = [:]
        worksInFlight = 0
        firstReadings = 0
    }
}

extension RequestQueue.Work {
    var path: String {
        switch self {
        case .watch(let path), .list(let path), .read(let path), .check(let path): path
        }
    }

    /// True when it may go out together with others.
    var isRead: Bool {
        switch self {
        case .read, .check: true
        case .watch, .list: false
        }
    }

    var read: GetDataRequest { GetDataRequest(path: path, watch: false) }

    /// The request that does the work.
    var request: Request {
        switch self {
        case .watch(let path):
            .addWatch(AddWatchRequest(path: path, mode: .persistentRecursive))
        case .list(let path): .getChildren(GetChildrenRequest(path: path, watch: false))
        case .read, .check: .getData(read)
        }
    }
}
