internal import ServiceModel
internal import ZooKeeperProtocol

// On a server that only reads: looking for one that takes writes, and moving there.
extension SessionEngine {
    /// The connection is on a server that only reads, or on one that takes writes.
    mutating func beginSearch(isReadOnly: Bool, _ now: Instant) {
        guard isReadOnly else {
            search.reset()
            return
        }
        guard setup.servers.count > 1 else { return }
        search.pause(now: now, jitter: jitter())
    }

    /// The connection is over, or about to be.
    mutating func endSearch() {
        if case .asking = search.step { output.commands.append(.endProbe) }
        search.stop()
        move = nil
    }

    /// A reply's header came where the word about the session was expected.
    ///
    /// So a server that only reads answers a client who wants a session that all servers know
    /// (ZooKeeper 3.8 ReadOnlyRequestProcessor, createSession).
    mutating func sessionRefused(_ header: ReplyHeader, _ now: Instant) {
        let hint =
            header.error == .notReadOnly
            ? ": the server only reads, and grants no sessions without localSessionsEnabled=true"
            : ""
        disconnect("session refused with \(header.error)\(hint)", now)
    }

    /// The clock has moved on while the session is connected.
    mutating func searchTimerFired(_ now: Instant) {
        if let move, now >= move.deadline {
            leave(for: move.server, now)
            return
        }
        guard let deadline = search.deadline, now >= deadline else { return }
        switch search.step {
        case .off: break
        case .pausing:
            search.beginRound(without: plan.next, of: setup.servers.count)
            askNext(now)
        case .resolving: askNext(now)
        case .asking:
            output.commands.append(.endProbe)
            askNext(now)
        }
    }

    /// A server has said whether it takes writes, or nothing of use.
    mutating func probeEnded(_ probe: UInt64, isWritable: Bool, now: Instant) {
        guard case .asking(probe, let server, _) = search.step else { return }
        guard isWritable else {
            askNext(now)
            return
        }
        search.stop()
        move = (server, now + Limits.moveWaitMax)
        moveIfIdle(now)
    }

    /// Moves where a better server is known, and no answer is lost by it.
    mutating func moveIfIdle(_ now: Instant) {
        guard let move, inFlight.count == 0, phase == .connected else { return }
        leave(for: move.server, now)
    }

    /// The look-up of a server's name that the search wanted has ended.
    mutating func searchLookedUp(_ server: Int, _ now: Instant) {
        guard case .resolving(server, _) = search.step else { return }
        guard lookUps.take(server, now: now) else {
            askNext(now)
            return
        }
        ask(server, now)
    }

    private mutating func askNext(_ now: Instant) {
        // Bound: each turn takes a server off the round.
        while let server = search.next() {
            if !setup.looksUpNames || lookUps.take(server, now: now) {
                ask(server, now)
                return
            }
            if lookUps.begin(server, now: now) {
                search.resolve(server, now: now)
                output.commands.append(.lookUp(server: server))
                return
            }
        }
        search.pause(now: now, jitter: jitter())
    }

    private mutating func ask(_ server: Int, _ now: Instant) {
        output.commands.append(.probe(search.ask(server, now: now), server: server))
    }

    private mutating func leave(for server: Int, _ now: Instant) {
        note("\(self.server) only reads; the session moves to \(setup.servers[server])")
        output.commands.append(.disconnect)
        endSearch()
        suspend("the session moves to \(setup.servers[server])")
        plan.begin(at: server)
        dial(now)
    }
}
