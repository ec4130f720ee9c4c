public import Runtime
public import ServiceModel
import Storage
public import Telemetry
import ZNodeTree

/// The embedded registry: ZooKeeper's client protocol on sockets of one event loop.
///
/// Step of the data flow: where providers' bytes come in. A thin shell: it moves bytes between sockets and
/// `ServerEngine`, gives it the time, and carries out what it says once per wake-up, so that all
/// answers of a turn leave in one write for each connection. Everything here happens on the loop's thread.
public actor RegistryServer: LoopHandler {
    let loop: EventLoop
    let configuration: RegistryConfiguration
    private let facts: @Sendable (SessionFact) -> Void
    let metrics: RegistryMetrics
    let log = Log("registry")
    var engine: ServerEngine
    var listener: ListenSocket?
    private var address: SocketAddress?
    var links: [UInt64: Link] = [:]
    /// Links with requests left over from their last turn, or with bytes to write.
    private var line = WaitingLine()
    private var connectionLog: ConnectionLog
    /// What the engine says, taken over and carried out; empty between turns.
    private var actions: [ServerAction] = []
    /// Where what arrives is looked at.
    private var space = ReceiveSpace()
    /// What the metrics show, and how long that is good for counts of requests.
    private var shown = (shape: ServerEngine.Shape(), until: Instant(nanoseconds: .min))
    /// True in a turn of nothing but pings.
    private var isQuiet = false
    private(set) var timer: (id: TimerID, due: Instant)?
    private var turnTimer: TimerID?
    private var acceptTimer: TimerID?
    /// Set while there is no room on the disk.
    var roomTimer: TimerID?
    /// What makes changes durable; nil for a registry in memory.
    var store: RegistryStore?
    /// Changes on their way to it.
    private var records = LogBatch()
    /// What is wrong with the registry's disk, for people; nil for nothing.
    public nonisolated let trouble = Published<String?>(nil)
    /// When the log last said that the disk is slow.
    var slowSyncSaid = Instant(nanoseconds: .min)
    /// The disk failed; nothing is served any more.
    var hasFailed = false

    /// Tokens of what is not a connection; connections have their ids, from 1 on.
    enum Token {
        static let listener: UInt64 = 0
        static let deadline = UInt64.max
        static let turn = UInt64.max - 1
        static let accept = UInt64.max - 2
        static let room = UInt64.max - 3
    }

    /// The loop that the registry runs on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps the loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates a registry that is not started yet.
    ///
    /// - Parameters:
    ///   - loop: Everything happens on its thread.
    ///   - configuration: Address, bounds and timeouts.
    ///   - metrics: Where the registry's gauges and counters appear.
    ///   - facts: Called on the loop with what happened to sessions, before the events that it explains are
    ///     written; must be quick.
    public init(
        loop: EventLoop,
        configuration: RegistryConfiguration,
        metrics: MetricsRegistry,
        facts: @escaping @Sendable (SessionFact) -> Void = { _ in }
    ) {
        (self.loop, self.configuration, self.facts) = (loop, configuration, facts)
        self.metrics = RegistryMetrics(metrics)
        connectionLog = ConnectionLog(log)
        var random = SystemRandomNumberGenerator()
        let time = EventLoop.unixNow()
        engine = ServerEngine(
            settings: ServerEngine.Settings(configuration),
            firstZxid: configuration.firstZxid ?? RegistryConfiguration.firstZxid(at: time),
            firstSession: ServerEngine.firstSession(at: time),
            passwords: SessionPasswords(key: (random.next(), random.next()))
        )
        engine.settings.process = ProcessFacts.current()
        engine.settings.descriptors = DescriptorCount.current
    }

    /// Starts to listen, if the configuration names an address.
    ///
    /// - Returns: The address with the port that the kernel chose; nil without a listener.
    /// - Throws: `RegistryError` `.badConfiguration` or `.cannotListen`.
    @discardableResult
    public func start() throws(RegistryError) -> SocketAddress? {
        try configuration.check()
        if let configuration = configuration.store { try openStore(configuration) }
        guard let wanted = configuration.listen else { return nil }
        do throws(RuntimeError) {
            let socket = try ListenSocket(on: wanted)
            address = socket.localAddress
            try loop.register(
                socket.descriptor,
                interest: .read,
                handler: self,
                token: Token.listener
            )
            listener = consume socket
        } catch {
            throw RegistryError(.cannotListen, "registry: \(error)", cause: error)
        }
        engine.settings.port = address?.port ?? 0
        log.notice("listening on \(address.map { "\($0)" } ?? "nothing")")
        return address
    }

    /// Takes over the server's end of a connected pair of descriptors.
    ///
    /// Such a connection passes all access checks and is under no limit of connections.
    ///
    /// - Parameter descriptor: Owned by the registry from now on, also when it throws.
    /// - Throws: `RegistryError` `.cannotAttach`.
    public func attach(descriptor: Int32) throws(RegistryError) {
        do throws(RuntimeError) {
            let socket = try StreamSocket(descriptor: descriptor, limits: streamLimits)
            if !hasFailed { try take(socket, peer: nil) }
        } catch {
            throw RegistryError(.cannotAttach, "registry: \(error)", cause: error)
        }
        guard !hasFailed else { throw RegistryError(.stopped, "registry: its disk has failed") }
        carryOut()
    }

    /// Closes the listener and all connections; sessions are forgotten.
    public func stop() {
        endServing()
        store?.stop()
        store = nil
        metrics.update(status())
    }

    /// Nobody is heard any more, and no session ends.
    func endServing() {
        if let descriptor = listener?.descriptor { loop.deregister(descriptor) }
        listener = nil
        for link in links.values { drop(link) }
        links.removeAll()
        for id in [timer?.id, turnTimer, acceptTimer, roomTimer] { id.map { loop.cancelTimer($0) } }
        (timer, turnTimer, acceptTimer, roomTimer) = (nil, nil, nil, nil)
        line.removeAll()
        _ = engine.takeActions()
    }

    /// Takes over what can change while connections are open: everything but address and request size.
    ///
    /// Sessions keep the timeouts that were granted to them.
    ///
    /// - Parameter configuration: What holds from now on.
    /// - Throws: `RegistryError` `.badConfiguration`; then nothing has changed.
    public func change(to configuration: RegistryConfiguration) throws(RegistryError) {
        try configuration.check()
        engine.settings.takeOver(configuration)
        engine.tree.enforcesQuotas = configuration.enforceQuota
    }

    /// The registry at a glance.
    public func status() -> RegistryStatus { engine.status(at: address) }

    /// Called by the loop, once per wake-up.
    public nonisolated func process(_ events: [LoopEvent]) {
        loop.isolated(self) { me in me.turn(events) }
    }

    // MARK: One turn

    private var moment: Moment { Moment(now: loop.now, time: EventLoop.unixNow()) }

    private func turn(_ events: [LoopEvent]) {
        guard !hasFailed else { return }
        let moment = moment
        engine.begin(turnAt: moment.now, due: timer?.due)
        isQuiet = timer != nil && !hasLine
        for event in events {
            switch event {
            case .readable(let token) where token != Token.listener:
                links[token].map { hear($0, moment) }
                continue
            default: isQuiet = false
            }
            switch event {
            case .readable, .hangup(Token.listener): accept()
            case .writable(let token): links[token].map { flush($0) }
            case .hangup(let token): links[token].map { hangUp($0) }
            case .timer(Token.deadline):
                guard let due = timer?.due else { continue }
                timer = nil
                engine.wake(at: moment, due: due)
                connectionLog.sumUp(moment.now)
            case .timer(Token.turn): turnTimer = nil
            case .timer(Token.accept): resumeAccepting()
            case .timer(Token.room):
                roomTimer = nil
                store?.tryAgain()
            case .timer: break
            }
        }
        // After nothing but pings there is nothing to do, and no deadline that comes earlier than before.
        if isQuiet {
            if moment.now >= shown.until { showMetrics() }
        } else {
            workInLine(moment)
            carryOut()
            // Who was answered may be waiting for this core.
            if hasLine { EventLoop.yieldCore() }
        }
    }

    private func accept() {
        guard listener != nil else { return }
        for _ in 0..<Limits.acceptsPerTurnMax {
            do throws(RuntimeError) {
                guard let socket = try listener?.accept(limits: streamLimits) else { return }
                let peer = socket.peer
                try take(socket, peer: peer)
            } catch {
                log.warning("\(error)")
                guard error.code == .exhausted, let descriptor = listener?.descriptor else {
                    return
                }
                loop.modify(descriptor, interest: [])
                let later = loop.now + Limits.acceptPause
                acceptTimer = loop.setTimer(at: later, handler: self, token: Token.accept)
                return
            }
        }
    }

    private func resumeAccepting() {
        acceptTimer = nil
        if let descriptor = listener?.descriptor { loop.modify(descriptor, interest: .read) }
    }

    private func take(_ socket: consuming StreamSocket, peer: SocketAddress?) throws(RuntimeError) {
        switch engine.opened(from: peer, now: loop.now) {
        case .failure(let refusal):
            connectionLog.say(
                "is refused",
                peer,
                ClosingReason(.refused, refusal.text),
                now: loop.now
            )
        case .success(let id):
            let descriptor = socket.descriptor
            let link = Link(id: id, connection: engine.connections[id], socket: socket)
            links[id.rawValue] = link
            do throws(RuntimeError) {
                try loop.register(descriptor, interest: .read, handler: self, token: id.rawValue)
            } catch {
                links[id.rawValue] = nil
                engine.closed(id)
                throw error
            }
        }
    }

    /// Who used up a slice of work just now stands in line behind those who did not.
    private func hear(_ link: Link, _ moment: Moment) {
        guard link.heavyUntil > moment.now else {
            read(link, moment)
            if link.heavyUntil <= moment.now { line.othersWereHeard(moment.now) }
            return
        }
        standForRequests(link)
    }

    private func standForRequests(_ link: Link) {
        link.hasRequests = true
        putInLine(link)
    }

    private func putInLine(_ link: Link) {
        guard !link.isInLine else { return }
        link.isInLine = true
        isQuiet = false
        line.append(link.id.rawValue)
    }

    private func read(_ link: Link, _ moment: Moment) {
        for _ in 0..<Limits.readsPerTurnMax where link.isReading {
            switch link.receive(into: &space) {
            case .received(let count):
                if count == ServerEngine.Ping.requestBytes, answerPing(link, moment) { return }
                isQuiet = false
                offer(link, moment)
                if count < Limits.inboundSlackBytes { return }
            case .wouldBlock: return
            case .full:
                link.isReading = false
                ask(link)
            case .end, .failed:
                close(link, because: nil)
                return
            }
        }
    }

    /// False for anything but a ping that came alone.
    private func answerPing(_ link: Link, _ moment: Moment) -> Bool {
        guard let outcome = link.answerPing(with: &engine, from: space, at: moment) else {
            return false
        }
        switch outcome {
        case .done: break
        case .pending:
            link.isBlocked = true
            engine.written(link.id, unsent: link.socket.outboundCount)
            ask(link)
        case .failed: close(link, because: nil)
        }
        return true
    }

    private func offer(_ link: Link, _ moment: Moment) {
        switch link.offer(to: &engine, from: space, at: moment) {
        case .moreBytes: link.isReading = true
        case .anotherTurn:
            link.isReading = false
            standForRequests(link)
        case .wait, .never: link.isReading = false
        }
        ask(link)
    }

    /// True while there is work that can wait.
    private var hasLine: Bool { !line.isEmpty || engine.tree.departedWatchCount > 0 }

    /// A slice of work for who stands in line, after everyone else has got his answers.
    private func workInLine(_ moment: Moment) {
        guard hasLine, line.isDue(moment.now) else { return }
        if line.hearsOthers(moment.now) { carryOut() }
        guard line.hasOthers(moment.now) else {
            engine.workPerSlice = Limits.workPerSliceMax
            takeLinksInLine(moment)
            engine.tree.sweepWatches(Limits.watchesSweptPerSliceMax)
            engine.workPerSlice = Limits.workPerSliceMin
            return
        }
        let start = EventLoop.monotonicNow()
        takeLinksInLine(moment)
        engine.tree.sweepWatches(Limits.watchesSweptPerSlice)
        line.worked(from: start, to: EventLoop.monotonicNow())
    }

    private func takeLinksInLine(_ moment: Moment) {
        let end = engine.work + engine.workPerSlice
        while engine.work < end, let token = line.popFirst() {
            guard let link = links[token] else { continue }
            link.isInLine = false
            goOn(link, moment)
        }
    }

    /// The next slice of a link that was in line: of what it has to write, then of its requests.
    private func goOn(_ link: Link, _ moment: Moment) {
        if link.socket.outboundCount > 0, !link.isBlocked {
            flush(link)
            engine.work += engine.workPerSlice
        }
        guard link.hasRequests, links[link.id.rawValue] != nil else { return }
        link.hasRequests = false
        if link.isReading { read(link, moment) } else { offer(link, moment) }
    }

    /// A connection whose peer is gone in both directions is not read any further.
    private func hangUp(_ link: Link) {
        if link.isReading { read(link, moment) }
        if links[link.id.rawValue] != nil { close(link, because: nil) }
    }

    // MARK: Carrying out

    /// Does what the engine says, until it says nothing more.
    func carryOut() {
        if engine.statistics.isUnsettled { engine.settle(at: EventLoop.monotonicNow()) }
        if let store {
            engine.takeRecords(into: &records)
            store.append(&records)
        }
        while true {
            engine.takeActions(into: &actions)
            if actions.isEmpty { break }
            for action in actions { carryOut(action) }
            actions.removeAll(keepingCapacity: true)
        }
        schedule()
        showMetrics()
    }

    /// A change shows at once, counts of requests alone only ten times a second.
    func showMetrics() {
        let shape = engine.shape
        let now = loop.now
        guard now >= shown.until || shape != shown.shape else { return }
        shown = (shape, now + Limits.metricsPause)
        metrics.update(status())
    }

    private func carryOut(_ action: ServerAction) {
        switch action {
        case .report(let fact): facts(fact)
        case .warn(let text): log.warning("\(text)")
        case .send(let id, let bytes):
            if let link = links[id.rawValue] { _ = link.socket.send(bytes) }
        case .flush(let id):
            guard let link = links[id.rawValue] else { return }
            let isLong = link.socket.outboundCount > Limits.promptBytesMax
            if isLong, !link.isBlocked, line.hasOthers(loop.now) {
                putInLine(link)
            } else {
                flush(link)
            }
        case .finish(let id, let reason):
            guard let link = links[id.rawValue] else { return }
            (link.isFinishing, link.finishReason) = (true, reason)
            flush(link)
        case .close(let id, let reason):
            if let link = links[id.rawValue] { close(link, because: reason) }
        case .resume(let id):
            links[id.rawValue].map { standForRequests($0) }
        case .note(let id, let reason):
            guard let link = links[id.rawValue] else { return }
            connectionLog.say("is held back", link.socket.peer, reason, now: loop.now)
        }
    }

    private func flush(_ link: Link) {
        switch link.write() {
        case .done:
            engine.written(link.id, unsent: 0)
            guard !link.isFinishing else {
                close(link, because: link.finishReason)
                return
            }
        case .pending:
            engine.written(link.id, unsent: link.socket.outboundCount)
            if !link.isBlocked { putInLine(link) }
        case .failed:
            close(link, because: nil)
            return
        }
        ask(link)
    }

    private func ask(_ link: Link) {
        let wanted = link.wanted()
        guard wanted != link.interest, links[link.id.rawValue] != nil else { return }
        link.interest = wanted
        loop.modify(link.socket.descriptor, interest: wanted)
    }

    private func close(_ link: Link, because reason: ClosingReason?) {
        if let reason { connectionLog.say("is closed", link.socket.peer, reason, now: loop.now) }
        links[link.id.rawValue] = nil
        isQuiet = false
        drop(link)
    }

    func drop(_ link: Link) {
        loop.deregister(link.socket.descriptor)
        link.socket.close()
        engine.closed(link.id)
    }

    private func schedule() {
        if hasLine, turnTimer == nil {
            let next = max(loop.now, line.restsUntil)
            turnTimer = loop.setTimer(at: next, handler: self, token: Token.turn)
        }
        guard let due = engine.nextDeadline else { return }
        if let timer {
            guard due < timer.due else { return }
            loop.cancelTimer(timer.id)
        }
        timer = (loop.setTimer(at: due, handler: self, token: Token.deadline), due)
    }

    private var streamLimits: StreamLimits {
        let frame = configuration.requestBytesMax + 4
        // Replies have no bound of their own; the engine bounds what waits to be written.
        return StreamLimits(
            inboundBytesMax: frame + Limits.inboundSlackBytes,
            outboundBytesMax: .max / 2
        )
    }
}
