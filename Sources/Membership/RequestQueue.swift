import ZooKeeperProtocol

/// The requests an aggregator has to make: each at most once at a time, so many in flight.
///
/// Reads that stand one behind the other go out as one request: to a server a hundred thousand requests
/// are ten times the work of the reads that they ask for.
/// Invariants: a work is either waiting or in flight, never both; asked for again while in flight it is
/// noted, as its reply may be older than the wish. Znodes of a list are no works: what is heard of one of
/// them makes it one, and the list's own reading of it means nothing then. Works of the first reading after a connection are
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

    /// What a reply is to.
    enum Finished {
        /// In the order of the request's parts; nil for a work that nobody waits for any more.
        case works([Done?])
        /// Paths of a list, in that order: their reading is older than what was heard of them since.
        case listed([String])
    }

    private enum Going {
        case works([Work])
        case listed([String])

        var count: Int {
            switch self {
            case .works(let works): works.count
            case .listed(let paths): paths.count
            }
        }
    }

    private struct State {
        var tag: UInt64?
        var isAskedAgain = false
        var isFirstReading: Bool
    }

    private var waiting = Queue<Work>()
    private var states: [Work: State] = [:]
    /// Znodes of lists, a request's worth each, to be read once when nothing else waits.
    private var listed = Queue<[String]>()
    private var inFlight: [UInt64: Going] = [:]
    private var readsInFlight = 0
    private var nextTag: UInt64 = 1
    /// Works of the first reading, and parts of lists, that are not done.
    private(set) var firstReadings = 0

    /// True when nothing is to be done or under way.
    var isEmpty: Bool { states.isEmpty && firstReadings == 0 }

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

    /// Asks for the first reading of all znodes of a list, without a thought of each.
    mutating func read(listed paths: [String]) {
        var start = 0
        while start < paths.count {
            var (end, pathBytes) = (start, 0)
            while end < paths.count, end - start < Limits.readsTogetherMax {
                pathBytes += paths[end].utf8.count
                guard end == start || pathBytes <= Limits.readPathBytesMax else { break }
                end += 1
            }
            listed.append(Array(paths[start..<end]))
            start = end
            firstReadings += 1
        }
    }

    /// The next works that may go out, as one request, with the tag under which its reply comes.
    mutating func next() -> (tag: UInt64, request: Request)? {
        let works = nextWorks()
        let going: Going
        let request: Request
        if let first = works.first {
            going = .works(works)
            request = works.count > 1 ? Self.request(works.lazy.map(\.path)) : first.request
        } else if let paths = nextListed() {
            going = .listed(paths)
            request = Self.request(paths)
        } else {
            return nil
        }
        let tag = nextTag
        nextTag += 1
        inFlight[tag] = going
        readsInFlight += going.count
        return (tag, request)
    }

    private mutating func nextListed() -> [String]? {
        guard let paths = listed.first,
            readsInFlight + paths.count <= Limits.requestsInFlightMax
        else { return nil }
        return listed.popFirst()
    }

    private mutating func nextWorks() -> [Work] {
        var works: [Work] = []
        var pathBytes = 0
        while readsInFlight + works.count < Limits.requestsInFlightMax, let work = waiting.first {
            guard var state = states[work], state.tag == nil else {
                _ = waiting.popFirst()
                continue
            }
            pathBytes += work.path.utf8.count
            let fits =
                work.isRead && works.count < Limits.readsTogetherMax
                && pathBytes <= Limits.readPathBytesMax
            guard works.isEmpty || fits else { break }
            _ = waiting.popFirst()
            state.tag = nextTag
            states[work] = state
            works.append(work)
            guard work.isRead else { break }
        }
        return works
    }

    private static func request(_ paths: some Collection<String>) -> Request {
        .multiRead(
            MultiReadRequest(paths.map { .getData(GetDataRequest(path: $0, watch: false)) })
        )
    }

    /// A reply came.
    ///
    /// - Returns: What it is the reply to; nil for nothing that was asked for.
    mutating func finished(_ tag: UInt64) -> Finished? {
        guard let going = inFlight.removeValue(forKey: tag) else { return nil }
        readsInFlight -= going.count
        switch going {
        case .listed(let paths):
            firstReadings -= 1
            return .listed(paths)
        case .works(let works):
            let done = works.map { work -> Done? in
                guard let state = states[work], state.tag == tag else { return nil }
                remove(work)
                return Done(
                    work: work,
                    isAskedAgain: state.isAskedAgain,
                    isFirstReading: state.isFirstReading
                )
            }
            return .works(done)
        }
    }

    /// Nobody wants the work any more; a reply that comes all the same means nothing.
    mutating func remove(_ work: Work) {
        guard let state = states.removeValue(forKey: work) else { return }
        if state.isFirstReading { firstReadings -= 1 }
    }

    /// Forgets everything; tags go on, so that no late reply is taken for a new one.
    mutating func reset() {
        (waiting, listed) = (Queue(), Queue())
        states = [:]
        inFlight = [:]
        readsInFlight = 0
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

    /// The request that does the work.
    var request: Request {
        switch self {
        case .watch(let path):
            .addWatch(AddWatchRequest(path: path, mode: .persistentRecursive))
        case .list(let path): .getChildren2(GetChildrenRequest(path: path, watch: false))
        case .read, .check: .getData(GetDataRequest(path: path, watch: false))
        }
    }
}
