internal import ServiceModel
internal import Wire
internal import ZooKeeperProtocol

// Making, keeping and losing a connection.
extension SessionEngine {
    mutating func dial(_ now: Instant) {
        credentials.connectionLost()
        guard setup.looksUpNames, !lookUps.take(plan.next, now: now) else {
            connect(now)
            return
        }
        guard lookUps.begin(plan.next, now: now) else {
            lookUpsAreLate(now)
            return
        }
        phase = .resolving(deadline: now + lookUpTimeout)
        output.commands.append(.lookUp(server: plan.next))
    }

    private mutating func connect(_ now: Instant) {
        attempt += 1
        phase = .dialing(deadline: now + attemptTimeout)
        output.commands.append(.connect(attempt: attempt, server: plan.next))
    }

    /// The round goes on, or it is over: then what waited for a connection fails, and is told why.
    ///
    /// Before that, servers have their turn whose names took long to look up.
    mutating func attemptFailed(_ reason: String, _ now: Instant) {
        output.bytes.removeAll(keepingCapacity: true)
        if plan.isLastOfRound {
            if let server = lookUps.answered(now: now) {
                plan.turn(to: server)
                dial(now)
                return
            }
            if let end = lookUps.end(after: attemptTimeout, now: now) {
                phase = .resolving(deadline: end)
                return
            }
        }
        switch plan.failed(now: now, jitter: jitter()) {
        case .connect: dial(now)
        case .wait(let until):
            phase = .pausing(until: until)
            failWaiting(
                .notSent,
                "no server could be reached (\(setup.servers.joined(separator: ", "))): \(reason)"
            )
        }
    }

    /// The shell's connection is given up by the engine.
    mutating func disconnect(_ reason: String, _ now: Instant) {
        output.commands.append(.disconnect)
        switch phase {
        case .connected: lose(reason, now)
        case .closing: finishClose(.closed)
        default:
            note("no session with \(server): \(reason)")
            attemptFailed(reason, now)
        }
    }

    /// An established connection is gone: what was in flight has an unknown outcome.
    mutating func lose(_ reason: String, _ now: Instant) {
        note("connection to \(server) lost: \(reason)")
        endSearch()
        suspend(reason)
        guard now - connectedAt >= Limits.connectionHeldMin else {
            attemptFailed(reason, now)
            return
        }
        plan.lost()
        dial(now)
    }

    /// What the connection still owed is not coming.
    mutating func suspend(_ reason: String) {
        output.bytes.removeAll(keepingCapacity: true)
        output.events.append(.state(.suspended))
        failInFlight(reason)
    }

    mutating func finishClose(_ state: SessionState) {
        endSearch()
        phase = .closed
        identity = nil
        watches.removeAll()
        output.bytes.removeAll()
        failInFlight("session closed")
        if state == .authFailed {
            failWaiting(.authFailed, "a credential was refused")
        } else {
            failWaiting(.closed, "session closed")
        }
        output.events.append(.state(state))
    }

    // MARK: Names

    /// The shell's look-up of a server's name has ended, perhaps long after its attempt.
    ///
    /// - Parameters:
    ///   - server: Whose.
    ///   - failure: Why there is no address; nil when the shell has some.
    ///   - now: The moment.
    mutating func lookedUp(server: Int, failure: String?, now: Instant) {
        lookUps.ended(server, hasAnswer: failure == nil, now: now)
        guard case .resolving = phase else {
            searchLookedUp(server, now)
            return
        }
        guard server == plan.next || plan.isLastOfRound else { return }
        if let failure {
            note("no session with \(setup.servers[server]): \(failure)")
            attemptFailed(failure, now)
        } else if lookUps.take(server, now: now) {
            plan.turn(to: server)
            connect(now)
        }
    }

    /// The next server is tried while names are still being looked up.
    mutating func lookUpsAreLate(_ now: Instant) {
        let names = lookUps.underWay.map { setup.servers[$0] }.joined(separator: ", ")
        let reason = "the look-up of \(names) has no answer yet"
        note("no session with \(server): \(reason)")
        attemptFailed(reason, now)
    }

    // MARK: The handshake

    /// The first frame of a connection: the server's word about the session.
    mutating func handshake(_ response: ConnectResponse, _ now: Instant) {
        if response.isRefusal {
            expire(now)
            return
        }
        let isResumed = identity?.sessionID == response.sessionID
        isReadOnly = setup.allowsReadOnly && response.readOnly == true
        if identity != nil && !isResumed && !isProvisional {
            // The server made a new session of a request to resume: the old one is over.
            forgetSession()
        }
        isProvisional = isReadOnly && !isResumed
        identity = SessionIdentity(sessionID: response.sessionID, password: response.password)
        timeout = .milliseconds(Int64(response.timeoutMilliseconds))
        phase = .connected
        connectedAt = now
        for index in credentials.entries.indices { sendCredential(index, now) }
        for request in watches.renewal(zxid: lastZxid) {
            write(now) { FrameWriter.append(request, xid: XID.setWatches, to: &$0) }
        }
        let id = response.sessionID
        output.events.append(
            .state(
                isReadOnly
                    ? .connectedReadOnly(sessionID: id, resumed: isResumed)
                    : .connected(sessionID: id, resumed: isResumed)
            )
        )
        sendWaiting(now)
        beginSearch(isReadOnly: isReadOnly, now)
    }

    /// A refusal ends a session that was to be resumed; of a new one it is a failed attempt.
    private mutating func expire(_ now: Instant) {
        guard identity != nil, !isProvisional else {
            disconnect("session refused", now)
            return
        }
        note("session expired")
        output.commands.append(.disconnect)
        forgetSession()
        dial(now)
    }

    private mutating func forgetSession() {
        identity = nil
        // A new session owes nothing to what the old one saw, like a new client.
        lastZxid = 0
        watches.removeAll()
        output.events.append(.state(.expired))
        failWaiting(.sessionExpired, "session expired")
    }

    // MARK: Small things

    mutating func note(_ sentence: String) { output.notes.append(sentence) }

    mutating func write(_ now: Instant, _ body: (inout ByteWriter) -> Void) {
        scratch.removeAll()
        body(&scratch)
        output.bytes += scratch.bytes
        noteSent(now)
    }

    mutating func noteSent(_ now: Instant) {
        lastSent = now
        if unansweredSince == nil { unansweredSince = now }
    }

    /// Uniform in `0..<1` (SplitMix64: the upper 53 bits of a mixed counter).
    mutating func jitter() -> Double {
        random &+= 0x9e37_79b9_7f4a_7c15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        return Double(mixed >> 11) / Double(UInt64(1) << 53)
    }
}
