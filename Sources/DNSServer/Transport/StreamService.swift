import Runtime
import ServiceModel
import Telemetry

/// DNS over TCP: one actor on one loop, with an engine of its own.
///
/// Step of the data flow: connections in, answers out, in the order of the questions of each connection.
/// What may stay is decided by `StreamBudget`. One connection gets one read per wake-up, so that none
/// keeps the others waiting.
actor StreamService: LoopHandler {
    /// Token of the listening socket; connections count from 1, the timer is told by its kind.
    private static let listenerToken: UInt64 = 0

    private let loop: EventLoop
    private var listener: ListenSocket
    private var engine: QueryEngine
    private var budget: StreamBudget
    private var connections: [UInt64: StreamConnection] = [:]
    private var lastID: UInt64 = 0
    private var isSweeping = false
    private var isAccepting = false
    /// Length and message of the question being answered.
    private var scratch = [UInt8](repeating: 0, count: 2 + Limits.messageBytesMax)
    private let log = Log("dns")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps its loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(
        loop: EventLoop,
        listener: consuming ListenSocket,
        table: AnswerTable,
        counters: QueryCounters,
        bounds: NameServerConfiguration.StreamBounds
    ) {
        guard let engine = QueryEngine(table, counters: counters) else {
            fatalError("more than \(Limits.tableReadersMax) engines look into one answer table")
        }
        self.loop = loop
        self.listener = listener
        self.engine = engine
        budget = StreamBudget(bounds)
    }

    /// Starts to accept; on the loop.
    func start() { setAccepting(true) }

    /// Closes everything; on the loop.
    func stop() {
        setAccepting(false)
        listener.close()
        for id in connections.keys.sorted() { close(id) }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { service in service.handle(events) }
    }

    private func handle(_ events: [LoopEvent]) {
        engine.begin()
        defer { engine.end() }
        for event in events {
            switch event {
            case .timer: sweep()
            case .readable(Self.listenerToken): accept()
            case .readable(let id): serve(id, isReadable: true)
            case .writable(let id): serve(id, isReadable: false)
            case .hangup(let id): close(id)
            }
        }
    }

    // MARK: Connections

    private func accept() {
        for _ in 0..<Limits.acceptsPerTurn {
            do {
                guard let socket = try listener.accept(limits: Limits.streamBuffers) else { return }
                admit(socket)
            } catch {
                log.warning("no TCP connection accepted for a while: \(error)")
                setAccepting(false)
                startSweeping()
                return
            }
        }
    }

    private func admit(_ socket: consuming StreamSocket) {
        lastID += 1
        let id = lastID
        switch budget.admit(id, from: socket.peer?.ip, now: loop.now) {
        case .accept: break
        case .refuse: return
        case .replace(let idle): close(idle)
        }
        let connection = StreamConnection(socket)
        do {
            try loop.register(connection.descriptor, interest: .read, handler: self, token: id)
        } catch {
            log.warning("TCP connection dropped: \(error)")
            budget.remove(id)
            return
        }
        connections[id] = connection
        startSweeping()
    }

    private func serve(_ id: UInt64, isReadable: Bool) {
        guard let connection = connections[id] else { return }
        if isReadable, !connection.fill() { return close(id) }
        let (outcome, hasProgress) = connection.serve(&engine, scratch: &scratch)
        if hasProgress { budget.touch(id, now: loop.now) }
        switch outcome {
        case .closed: close(id)
        case .open(let interest):
            guard interest != connection.interest else { return }
            connection.interest = interest
            loop.modify(connection.descriptor, interest: interest)
        }
    }

    private func close(_ id: UInt64) {
        budget.remove(id)
        guard let connection = connections.removeValue(forKey: id) else { return }
        loop.deregister(connection.descriptor)
        connection.close()
    }

    // MARK: Time

    private func sweep() {
        isSweeping = false
        for id in budget.idle(now: loop.now) { close(id) }
        setAccepting(true)
        if !connections.isEmpty { startSweeping() }
    }

    private func startSweeping() {
        guard !isSweeping else { return }
        isSweeping = true
        loop.setTimer(at: loop.now + Limits.streamSweepInterval, handler: self, token: 0)
    }

    private func setAccepting(_ wanted: Bool) {
        guard wanted != isAccepting, listener.descriptor >= 0 else { return }
        guard wanted else {
            loop.deregister(listener.descriptor)
            isAccepting = false
            return
        }
        do {
            try loop.register(
                listener.descriptor,
                interest: .read,
                handler: self,
                token: Self.listenerToken
            )
            isAccepting = true
        } catch {
            log.error("TCP is not served: \(error)")
            startSweeping()
        }
    }
}
