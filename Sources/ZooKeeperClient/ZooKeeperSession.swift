public import Runtime
internal import ServiceModel
internal import Telemetry
public import ZooKeeperProtocol

/// A session with a ZooKeeper service that survives reconnects, on the event loop of its user.
///
/// Step of the data flow: between a socket and those who read, write and watch the tree. All decisions are
/// the engine's; this shell carries them out. An engine on the same loop attaches a sink and gets states,
/// watch events and replies in wire order, in batches, without a hop; others use the `async` calls and the
/// streams, which stand on the same requests. Invariants: at most one connection; the sink is never called
/// while a change is half made, so it may submit. Owner: its event loop.
public actor ZooKeeperSession: LoopHandler {
    /// Requests without an answer beyond which `submit` answers `.overloaded`.
    public static var requestsInFlightMax: Int { Limits.requestsInFlightMax }

    /// The token of the engine's timer; pauses have others.
    private static let engineTimer = UInt64.max

    /// The loop that the session lives on.
    public nonisolated let loop: EventLoop
    let configuration: SessionConfiguration
    private let log = Log("zookeeper")
    var engine: SessionEngine
    var connection: SessionConnection?
    /// Beside the connection, while a server is asked whether it takes writes.
    var probe: SessionConnection?
    /// Addresses that look-ups found, by server, until a connection or a probe takes them.
    var found: [Int: [SocketAddress]] = [:]
    let resolve: LookUp
    private var sink: (@Sendable ([SessionEvent]) -> Void)?
    private var timer: (id: TimerID, deadline: Instant)?
    private var isDraining = false
    private var isDrainPosted = false
    private let attempts: AsyncStream<UInt64>
    let attemptsInput: AsyncStream<UInt64>.Continuation
    private var hasRun = false
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []
    var calls = CallTable()
    var batches = BatchTable()
    var router = WatchRouter()
    var watchSinks = WatchSinks()
    var deletions = DeletionTable()
    var pauses = PauseTable()
    var streams = StreamTable()
    /// Where the session stands.
    public internal(set) var state = SessionState.connecting

    /// Looks up a server's addresses and tells them from any thread, or at once; `Resolver` by default.
    typealias LookUp =
        @Sendable (_ host: String, _ done: @escaping @Sendable (Resolver.Outcome) -> Void) -> Void

    /// The loop, as Swift's runtime wants it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates a session that does nothing until `run`.
    ///
    /// - Parameters:
    ///   - loop: Outlives `run`.
    ///   - configuration: Names at least one server; they are tried in an order of chance, so that clients
    ///     spread out also when one of them is lost.
    public init(loop: EventLoop, configuration: SessionConfiguration) {
        self.init(loop: loop, configuration: configuration) {
            Resolver.shared.resolve($0, then: $1)
        }
    }

    init(loop: EventLoop, configuration: SessionConfiguration, resolve: @escaping LookUp) {
        var (configuration, looksUpNames) = (configuration, false)
        if case .hosts(let hosts) = configuration.servers {
            configuration.servers = .hosts(hosts.shuffled())
            looksUpNames = true
        }
        let servers = configuration.servers.names
        guard (1...Limits.serversMax).contains(servers.count) else {
            fatalError("a session with \(servers.count) servers")
        }
        (self.loop, self.configuration, self.resolve) = (loop, configuration, resolve)
        let setup = SessionEngine.Setup(
            servers: servers,
            sessionTimeout: configuration.sessionTimeout,
            chroot: configuration.chroot,
            credentials: configuration.credentials,
            identity: configuration.identity,
            allowsReadOnly: configuration.allowsReadOnly,
            looksUpNames: looksUpNames,
            requestBytesMax: configuration.requestBytesMax
        )
        engine = SessionEngine(setup, seed: .random(in: 0 ... .max))
        (attempts, attemptsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Life

    /// Connects, and reconnects, until the task is cancelled or `close` is called; once per session.
    ///
    /// At the end the server is told that the session is over: its ephemerals go at once.
    public func run() async {
        guard !hasRun else { fatalError("a session runs once") }
        hasRun = true
        engine.start(now: loop.now)
        drain()
        for await attempt in attempts { await obtain(attempt) }
        await close()
    }

    /// Ends the session; returns when the server has said so, or after 2 s without its word.
    ///
    /// Without a connection the server is not told: ephemerals stay until the session's timeout.
    public func close() async {
        engine.close(now: loop.now)
        drain()
        guard engine.phase != .closed else { return }
        await withCheckedContinuation { closeWaiters.append($0) }
    }

    /// Gives all events to a closure on the loop, in wire order, in batches; once per session.
    ///
    /// - Parameter sink: Must not block; may submit to this session.
    public func attach(sink: @escaping @Sendable ([SessionEvent]) -> Void) {
        guard self.sink == nil else { fatalError("a session has one sink") }
        self.sink = sink
    }

    /// What a later process needs to take the session over; nil while there is none.
    public var identity: SessionIdentity? { engine.isProvisional ? nil : engine.identity }

    /// The timeout that the server granted, or the one asked for before that.
    public var sessionTimeout: Duration { engine.timeout }

    // MARK: Requests

    /// Sends a request; its end comes to the sink as one `.reply` with the tag.
    ///
    /// Never blocks.
    ///
    /// Requests without a connection wait until one round over the servers has failed. All that is
    /// submitted during one turn of the loop leaves in one write.
    public func submit(_ request: Request, tag: UInt64) {
        submit(request, .sink(tag: tag))
    }

    /// Sends requests in order, as the other form does with one.
    public func submit(_ requests: [(request: Request, tag: UInt64)]) {
        for (request, tag) in requests { submit(request, .sink(tag: tag)) }
    }

    func submit(_ request: Request, _ origin: Origin) {
        engine.submit(request, origin, now: loop.now)
        guard !isDraining, !isDrainPosted else { return }
        isDrainPosted = true
        loop.post { [self] in assumeIsolated { $0.drainPosted() } }
    }

    private func drainPosted() {
        isDrainPosted = false
        drain()
    }

    // MARK: The loop's events

    /// Part of `LoopHandler`: reads, writes and looks at the clock.
    public nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            // A connection made meanwhile, to the next address of a host, has the same token.
            let current = (me.connection, me.probe)
            for event in events { me.take(event, of: current.0, or: current.1) }
            me.drain()
        }
    }

    private func take(
        _ event: LoopEvent,
        of current: SessionConnection?,
        or asked: SessionConnection?
    ) {
        if case .timer(let token) = event {
            guard token == Self.engineTimer else {
                pauses.end(token)
                return
            }
            timer = nil
            engine.timerFired(now: loop.now)
            return
        }
        if let probe, probe === asked, probe.token == event.token {
            takeEvent(of: probe)
            return
        }
        guard let connection, connection === current, connection.token == event.token else {
            return
        }
        if connection.isDialing {
            dialed(connection)
            return
        }
        switch event {
        case .readable: read(connection)
        case .writable: write(connection)
        case .hangup: lose(connection, "connection closed")
        case .timer: break
        }
    }

    private func read(_ connection: SessionConnection) {
        for _ in 0..<Limits.receivesPerTurnMax {
            switch connection.socket.fill() {
            case .received(let count):
                connection.socket.withInbound {
                    engine.received($0, attempt: connection.attempt, now: loop.now)
                }
                connection.socket.consume(count)
            case .wouldBlock, .full: return
            case .end:
                lose(connection, "the server closed the connection")
                return
            case .failed(let error):
                lose(connection, error.message)
                return
            }
        }
    }

    private func write(_ connection: SessionConnection) {
        switch connection.socket.flush() {
        case .done: wantWrites(connection, false)
        case .pending: wantWrites(connection, true)
        case .failed(let error): lose(connection, error.message)
        }
    }

    private func wantWrites(_ connection: SessionConnection, _ wanted: Bool) {
        guard connection.wantsWrites != wanted else { return }
        connection.wantsWrites = wanted
        loop.modify(connection.socket.descriptor, interest: wanted ? [.read, .write] : .read)
    }

    private func lose(_ connection: SessionConnection, _ reason: String) {
        drop()
        engine.connectionLost(attempt: connection.attempt, reason: reason, now: loop.now)
    }

    func drop() {
        guard let last = connection else { return }
        connection = nil
        loop.deregister(last.socket.descriptor)
        last.socket.close()
    }

    // MARK: Carrying out

    /// Carries out what the engine wants, until it wants nothing more.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        for _ in 0..<Limits.drainRoundsMax {
            let output = engine.takeOutput()
            guard !output.isEmpty else { break }
            carryOut(output)
        }
        isDraining = false
        if !engine.output.isEmpty, !isDrainPosted {
            isDrainPosted = true
            loop.post { [self] in assumeIsolated { $0.drainPosted() } }
        }
        armTimer()
        finishIfClosed()
    }

    private func carryOut(_ output: SessionEngine.Output) {
        for note in output.notes { log.info(note) }
        for command in output.commands {
            switch command {
            case .disconnect: drop()
            case .lookUp(let server): lookUp(server)
            case .connect(let attempt, let server): connect(attempt, server)
            case .probe(let number, let server): ask(server, number)
            case .endProbe: dropProbe()
            }
        }
        if let connection, !output.bytes.isEmpty {
            if connection.socket.send(output.bytes) {
                write(connection)
            } else {
                lose(connection, "\(connection.socket.outboundCount) bytes wait to be written")
            }
        }
        deliver(output.events)
    }

    private func deliver(_ events: [SessionEngine.Event]) {
        guard !events.isEmpty else { return }
        var batch: [SessionEvent] = []
        // Behind the sink, so that a caller never runs ahead of the events before its reply.
        defer { resumeCalls(events) }
        for event in events {
            switch event {
            case .state(let new):
                state = new
                streams.yield(new)
                tellWatches(new)
                batch.append(.state(new))
            case .watch(let watch):
                streams.yield(watch)
                router.take(watch)
                carryOutWatching()
                batch.append(.watch(watch))
            case .reply(.sink(let tag), let result, let zxid):
                batch.append(.reply(tag: tag, result, zxid: zxid))
            case .reply(let origin, let result, _): tellWatches(origin, result)
            }
        }
        if let sink, !batch.isEmpty { sink(batch) }
    }

    private func resumeCalls(_ events: [SessionEngine.Event]) {
        for case .reply(let origin, let result, let zxid) in events {
            switch origin {
            case .call(let number): calls.resume(number, result, zxid: zxid)
            case .batch(let number, let index):
                batches.take(result, number, index: index)
                feed(number)
            case .deletion(let number):
                if let sentence = deletions.take(result, number) { log.warning(sentence) }
            case .sink, .watching, .port: break
            }
        }
        for case .state(.connected) in events { sendDeletions() }
    }

    /// One timer is enough: one that fires too early asks the engine, which does nothing.
    private func armTimer() {
        guard let deadline = engine.deadline else {
            if let timer { loop.cancelTimer(timer.id) }
            timer = nil
            return
        }
        if let timer {
            guard deadline < timer.deadline else { return }
            loop.cancelTimer(timer.id)
        }
        timer = (loop.setTimer(at: deadline, handler: self, token: Self.engineTimer), deadline)
    }

    private func finishIfClosed() {
        guard engine.phase == .closed else { return }
        drop()
        dropProbe()
        attemptsInput.finish()
        streams.finish()
        let waiters = closeWaiters
        closeWaiters = []
        for waiter in waiters { waiter.resume() }
    }
}
