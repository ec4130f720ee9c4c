public import ServiceModel
public import ZooKeeperProtocol

/// Keeps a membership view equal to the part of a registry's tree that describes services.
///
/// Step of the data flow: replies and watch events of a session come in, requests to submit and numbered
/// deltas go out. On each connection the roots are watched, with all below them, before anything is
/// asked. On the first one each directory is listed once and each registration read once; later ones ask
/// each directory whether its children are those that the last one left, and list and read what is below
/// the others. All else comes from events.
/// Invariants: the view never shrinks because a connection is lost, only because the registry says so;
/// work per change is O(log n) in services and in instances. A deletion takes effect at the end of its
/// batch, so a registration that is replaced in one transaction never leaves.
/// Owner: the aggregator, on its event loop.
public struct AggregatorEngine: Sendable {
    /// The time of an input, on both clocks.
    public struct Moment: Equatable, Sendable {
        /// For waiting.
        public let instant: Instant
        /// For people.
        public let time: UnixTime

        /// Pairs the two readings of one moment.
        public init(_ instant: Instant, _ time: UnixTime) {
            (self.instant, self.time) = (instant, time)
        }
    }

    /// One request for the session.
    public struct Submission: Equatable, Sendable {
        /// Comes back with the reply.
        public let tag: UInt64
        /// What to ask.
        public let request: Request
    }

    /// What the shell has to do after a batch of inputs.
    public struct Output: Sendable {
        /// Requests to submit, in order.
        public var requests: [Submission] = []
        /// What changed in the view, in order; the view has them already.
        public var deltas: [ViewDelta] = []
        /// True when the view's freshness changed.
        public var isFreshnessChanged = false
        /// When the oldest of the events behind the deltas arrived; nil if none is due to an event.
        public var noticedAt: Instant?
        /// When to call `retry`, if it was not called before; nil for never.
        public var retryAt: Instant?
        /// What an operator should know, a sentence each.
        public var warnings: [String] = []
    }

    /// What an aggregator is doing.
    enum Phase: Equatable {
        case offline
        /// Reading what there is, for the first time on this connection.
        case reading
        case live
    }

    /// A znode whose children are of interest.
    struct Directory {
        var children = PersistentMap<String, Bool>()
        /// Number of the connection in which its children were asked for, or came as events only.
        var askedIn = 0
        /// Number of the connection in which all its children were known.
        var knownIn = 0
        /// Creations and deletions of children so far, by a list and the events behind it; nil where the
        /// znode whose children they are does not exist, and before it was listed.
        var cversion: Int32?
        /// The Dubbo service it stands for.
        var service: ServiceName?

        mutating func count() { cversion = cversion.map { $0 &+ 1 } }
    }

    /// What is gone, to be carried out when the batch ends.
    enum Departing {
        case leaf(String)
        case service(ServiceName)
    }

    let layout: RegistryLayout
    var queue = RequestQueue()
    var ledger = ViewLedger()
    /// What was known before the start; shown until the registry was read once.
    private var remembered: MembershipView?
    var domains = DomainClaims()
    var directories = ShardedMap<String, Directory>()
    var leaves = ShardedMap<String, Leaf>()
    var reasons: DepartureReasons
    var departures: [Departing] = []
    var departingLeaves: [String: Leaf] = [:]
    /// Requests that failed for no lasting reason, to be made again.
    var retries: [(work: RequestQueue.Work, isFirstReading: Bool)] = []
    /// True when a failure was told of on this connection.
    private var hasWarned = false
    var phase = Phase.offline
    /// Connections so far.
    var connection = 0
    /// The last connection before this one on which children became known, and the newest zxid that it
    /// showed: all changes up to there, and of these children every one.
    var before = (connection: 0, zxid: Int64(0))
    /// True when children became known on this connection.
    private var hasLearned = false
    var now = Moment(Instant(nanoseconds: 0), UnixTime(milliseconds: 0))
    var output = Output()

    /// Creates an engine that knows nothing and waits for a connection.
    public init(_ configuration: MembershipConfiguration) {
        layout = RegistryLayout(configuration)
        reasons = DepartureReasons(hearsSessionEnds: configuration.hearsSessionEnds)
    }

    /// What is known, all deltas handed out or not included.
    public var view: MembershipView { remembered ?? ledger.view }

    /// True once there was a connection.
    public var hasConnected: Bool { connection > 0 }

    /// Requests that the engine waits for or will make.
    public var isQuiet: Bool { queue.isEmpty && retries.isEmpty }
}

// MARK: Inputs

extension AggregatorEngine {
    /// Takes over what was known before the start: the view until the registry was read once.
    ///
    /// What differs then comes as deltas, all in one batch.
    ///
    /// - Parameter view: As `RememberedView.stale` makes it; only before the first connection.
    public mutating func remember(_ view: MembershipView) {
        guard connection == 0, view.deltaNumber > 0, case .stale = view.freshness else {
            fatalError(
                "a view to remember at connection \(connection), delta \(view.deltaNumber), "
                    + "\(view.freshness)"
            )
        }
        remembered = view
        output.isFreshnessChanged = true
    }

    /// The session has a connection, its old one resumed or not: all is watched and read again.
    public mutating func connected(at moment: Moment) {
        now = moment
        if hasLearned { before = (connection, ledger.view.zxid) }
        hasLearned = false
        connection += 1
        phase = .reading
        hasWarned = false
        forgetRequests()
        for root in layout.roots { queue.add(.watch(root.path), isFirstReading: true) }
    }

    /// The session has no connection: the view stays as it is, and says so.
    public mutating func disconnected(at moment: Moment) {
        now = moment
        phase = .offline
        forgetRequests()
        guard case .live = view.freshness else { return }
        ledger.setFreshness(.stale(since: now.time))
        output.isFreshnessChanged = true
    }

    /// The registry says how a session stands; to be told before the events that it explains.
    public mutating func tell(_ fact: SessionFact) { reasons.tell(fact) }

    /// A watch fired.
    public mutating func receive(_ event: WatchEvent, at moment: Moment) {
        now = moment
        guard phase != .offline else { return }
        switch event.type {
        case .nodeCreated: created(event.path)
        case .nodeDeleted: deleted(event.path)
        case .nodeDataChanged: dataChanged(event.path)
        case .nodeChildrenChanged: break
        }
    }

    /// A reply came.
    ///
    /// - Parameters:
    ///   - reply: The response, or the code of a failure.
    ///   - tag: The one of the submission; unknown ones are ignored.
    ///   - zxid: The reply's.
    ///   - moment: Now.
    public mutating func receive(
        _ reply: Result<Response, ErrorCode>,
        tag: UInt64,
        zxid: Int64,
        at moment: Moment
    ) {
        now = moment
        guard phase != .offline, let finished = queue.finished(tag) else { return }
        ledger.advance(zxid: zxid)
        switch finished {
        case .listed(let paths):
            for (path, part) in zip(paths, Self.parts(of: reply, paths.count)) {
                // What was heard of a znode since it was listed is newer than this.
                guard leaves[path]?.isUnread == true else { continue }
                receive(part, to: .read(path), isFirstReading: true)
            }
        case .works(let works):
            for case (let done?, let part) in zip(works, Self.parts(of: reply, works.count)) {
                if done.isAskedAgain { queue.add(done.work, isFirstReading: false) }
                receive(part, to: done.work, isFirstReading: done.isFirstReading)
            }
        }
    }

    private mutating func receive(
        _ reply: Result<Response, ErrorCode>,
        to work: RequestQueue.Work,
        isFirstReading: Bool
    ) {
        switch (work, reply) {
        case (.watch(let path), .success(.error(.ok))), (.watch(let path), .success(.empty)):
            explore(path)
        case (.list(let path), .success(.children(let response))):
            listed(path, response.children, cversion: response.stat.cversion)
        case (.list(let path), .failure(.noNode)), (.check(let path), .failure(.noNode)):
            listedNothing(path)
        case (.list(let path), .failure(.noAuth)) where layout.place(of: path) != .root:
            output.warnings.append("\(path) cannot be listed: \(ErrorCode.noAuth)")
        case (.check(let path), .success(.data(let response))): checked(path, response.stat)
        case (.check(let path), .failure(.noAuth)): queue.add(.list(path), isFirstReading: true)
        case (.read(let path), .success(.data(let response))): read(path, response)
        case (.read(let path), .failure(.noNode)): drop(path)
        case (.read(let path), .failure(.noAuth)): unreadable(path)
        default: retryLater(work, reply, isFirstReading: isFirstReading)
        }
    }

    /// The replies to the parts of a request, each as if it had been the only one.
    ///
    /// What is wrong with the whole is wrong with each.
    private static func parts(
        of reply: Result<Response, ErrorCode>,
        _ count: Int
    ) -> [Result<Response, ErrorCode>] {
        guard case .success(.multi(let all)) = reply, all.results.count == count else {
            return Array(repeating: reply, count: count)
        }
        return all.results.map { result in
            switch result {
            case .getData(let response): .success(.data(response))
            case .error(let code): .failure(code)
            default: .failure(.marshallingError)
            }
        }
    }

    /// The time of `Output.retryAt` has come.
    public mutating func retry(at moment: Moment) {
        now = moment
        for (work, isFirstReading) in retries { queue.add(work, isFirstReading: isFirstReading) }
        retries = []
        output.retryAt = nil
    }

    /// Ends a batch of inputs.
    ///
    /// - Returns: All that is to be done since the last call.
    public mutating func takeOutput() -> Output {
        settle()
        if phase == .reading, queue.firstReadings == 0, !retries.contains(where: \.isFirstReading) {
            phase = .live
            ledger.setFreshness(.live)
            if let known = remembered { ledger.follow(known, at: now.time) }
            remembered = nil
            output.isFreshnessChanged = true
        }
        while let (tag, request) = queue.next() {
            output.requests.append(Submission(tag: tag, request: request))
        }
        let deltas = ledger.takeDeltas()
        output.deltas = remembered == nil ? deltas : []
        if output.deltas.isEmpty { output.noticedAt = nil }
        defer { output = Output(retryAt: output.retryAt) }
        return output
    }

    /// All children of a directory are known, and from now on events tell of more.
    mutating func know(_ directory: String) {
        directories[directory]?.knownIn = connection
        hasLearned = true
    }

    /// Deltas of this batch are due to an event that arrived then.
    mutating func noticed(at instant: Instant?) {
        guard let instant else { return }
        output.noticedAt = min(output.noticedAt ?? instant, instant)
    }

    private mutating func forgetRequests() {
        queue.reset()
        retries = []
        output.retryAt = nil
    }

    private mutating func retryLater(
        _ work: RequestQueue.Work,
        _ reply: Result<Response, ErrorCode>,
        isFirstReading: Bool
    ) {
        retries.append((work, isFirstReading))
        output.retryAt = output.retryAt ?? now.instant + Limits.retryWait
        guard !hasWarned, reply != .failure(.connectionLoss) else { return }
        hasWarned = true
        output.warnings.append("\(work) failed and is tried again: \(Self.describe(reply))")
    }

    private static func describe(_ reply: Result<Response, ErrorCode>) -> String {
        switch reply {
        case .failure(let code), .success(.error(let code)): code.description
        case .success: "the reply has another shape"
        }
    }
}
