import ZooKeeperProtocol

/// The requests an aggregator has to make: each at most once at a time, so many in flight.
///
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
    }

    private struct State {
        var tag: UInt64?
        var isAskedAgain = false
        var isFirstReading: Bool
    }

    private var waiting = Queue<Work>()
    private var states: [Work: State] = [:]
    private var inFlight: [UInt64: Work] = [:]
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

    /// The next work that may go out, with the tag under which its reply comes.
    mutating func next() -> (tag: UInt64, work: Work)? {
        while inFlight.count < Limits.requestsInFlightMax, let work = waiting.popFirst() {
            guard var state = states[work], state.tag == nil else { continue }
            let tag = nextTag
            nextTag += 1
            state.tag = tag
            states[work] = state
            inFlight[tag] = work
            return (tag, work)
        }
        return nil
    }

    /// A reply came.
    ///
    /// - Returns: What it is the reply to and whether that was asked for again; nil when nobody waits.
    mutating func finished(
        _ tag: UInt64
    ) -> (work: Work, isAskedAgain: Bool, isFirstReading: Bool)? {
        guard let work = inFlight.removeValue(forKey: tag), let state = states[work],
            state.tag == tag
        else { return nil }
        remove(work)
        return (work, state.isAskedAgain, state.isFirstReading)
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
        firstReadings = 0
    }
}

extension RequestQueue.Work {
    /// The request that does the work.
    var request: Request {
        switch self {
        case .watch(let path):
            .addWatch(AddWatchRequest(path: path, mode: .persistentRecursive))
        case .list(let path): .getChildren(GetChildrenRequest(path: path, watch: false))
        case .read(let path): .getData(GetDataRequest(path: path, watch: false))
        }
    }
}
