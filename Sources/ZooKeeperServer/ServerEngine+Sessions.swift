import ServiceModel
import ZNodeTree

/// Sessions and time: new ids, deadlines, expiry, and what a stall of the process does to them.
extension ServerEngine {
    mutating func newSessionID() -> Int64 {
        while true {
            let id = nextSession
            // The top bit and the top byte 0xff mean something else in stored owners; 0 is no session.
            nextSession = nextSession >= Limits.sessionIDMax ? 1 : nextSession + 1
            if !tree.hasSession(id) { return id }
        }
    }

    mutating func createSession(_ id: Int64, timeout: Duration, now: Instant) -> Int64? {
        if nextHeartbeat == nil { nextHeartbeat = now + settings.heartbeat }
        return tree.createSession(id, timeout: timeout, now: now - lag)
    }

    mutating func resumeSession(_ id: Int64, timeout: Duration, now: Instant) -> Int64? {
        tree.resumeSession(id, timeout: timeout, now: now - lag)
    }

    /// Serving begins: every session that was restored has its full timeout from here on, and quotas are counted.
    mutating func serve(from now: Instant) {
        tree.countQuotas()
        tree.startSessions(now: now)
        if tree.sessionCount > 0 { nextHeartbeat = now + settings.heartbeat }
    }

    mutating func report(_ session: Int64, _ kind: SessionFact.Kind, zxid: Int64) {
        facts.append(SessionFact(session: session, kind: kind, zxid: zxid))
    }

    /// When `wake` has to be called, if nothing else happens; nil while there is nothing to wait for.
    ///
    /// Never before the present turn: what is overdue because a turn has its bounds is no stall.
    /// Sessions come up on a grid, so that thousands of them do not wake the engine one by one.
    var nextDeadline: Instant? {
        var next: Instant?
        func look(at moment: Instant) { next = min(next ?? moment, moment) }
        if let session = tree.nextDeadline {
            if acceptsEnds {
                look(at: max((session + lag).roundedUp(to: Limits.expiryGrid), graceUntil))
            }
            if let nextHeartbeat { look(at: nextHeartbeat) }
        }
        if firstOpening < openings.count { look(at: openings[firstOpening].deadline) }
        if let reaperDeadline { look(at: reaperDeadline) }
        if let first = finishings.first { look(at: first.deadline) }
        if let nextRelief { look(at: nextRelief) }
        return next.map { max($0, turnStart) }
    }

    /// The moment that `nextDeadline` asked for has come; everything readable was offered before.
    ///
    /// - Parameters:
    ///   - moment: The clocks.
    ///   - due: What `nextDeadline` was when the timer was set.
    mutating func wake(at moment: Moment, due: Instant) {
        let now = moment.now
        nextHeartbeat = tree.sessionCount > 0 ? now + settings.heartbeat : nil
        begin(turnAt: now, due: due)
        endHandshakes(now)
        reap(at: moment)
        endFinishings(now)
        relieve(now)
        touchWaitingForLog(now)
        guard now >= graceUntil else { return }
        for _ in 0..<Limits.expiriesPerTurnMax where acceptsEnds {
            guard let (session, outcome) = tree.expireNext(now: now - lag) else { return }
            statistics.expired += 1
            report(session, .expired, zxid: outcome.zxid)
            deliver(outcome.hits, needing: outcome.zxid)
            if durability == .inMemory { durable(upTo: tree.lastZxid) }
            guard let id = connectionOf.removeValue(forKey: session),
                let connection = connections[id]
            else { continue }
            connection.phase = .broken
            breakOff(connection, because: silence(of: connection, session))
        }
    }

    /// The time of whatever the engine does now.
    var turnStart: Instant { turns?.this ?? Instant(nanoseconds: 0) }

    mutating func begin(turnAt now: Instant) {
        guard turns?.this != now else { return }
        if startedAt == nil { startedAt = now }
        turns = (this: now, before: turns?.this ?? now)
        delayReaper(now)
    }

    /// A turn begins, before anything that arrived is looked at.
    ///
    /// A turn that is late by more than a busy loop explains means that the process stood still, and that
    /// its clients could not be heard: the gap is added to all deadlines, and nobody expires before the
    /// sockets were looked at again. Who is heard in this turn already has a full timeout from here on.
    ///
    /// - Parameters:
    ///   - now: The moment.
    ///   - due: What `nextDeadline` was when the timer was set; nil when none is set.
    mutating func begin(turnAt now: Instant, due: Instant?) {
        begin(turnAt: now)
        guard let due, now - max(due, stallSeenUntil) >= Limits.stallMin else { return }
        lag += gap(now, due: max(due, stallSeenUntil))
        (graceUntil, stallSeenUntil) = (now + Limits.stallGrace, now)
        statistics.stalls += 1
    }

    /// How long nobody could be heard: at least the lateness, and for a long stop all since the last turn,
    /// as nothing tells when in between it began.
    private func gap(_ now: Instant, due: Instant) -> Duration {
        let late = now - due
        guard late >= settings.heartbeat, let turns else { return late }
        return max(late, now - turns.before)
    }

    private mutating func endHandshakes(_ now: Instant) {
        while firstOpening < openings.count, openings[firstOpening].deadline <= now {
            let id = openings[firstOpening].id
            firstOpening += 1
            guard let connection = connections[id] else { continue }
            let seconds = Limits.handshakeWaitMax.milliseconds / 1_000
            switch connection.phase {
            case .opening:
                statistics.sessionless += 1
                let text = "no session within \(seconds) s, \(connection.inbound) bytes came"
                breakOff(connection, because: ClosingReason(.noHandshake, text))
            case .answering where connection.hasProgressed || !connection.isPaused:
                connection.hasProgressed = false
                openings.append((now + Limits.handshakeWaitMax, id))
            case .answering:
                let text = "it reads nothing of its answer for \(seconds) s"
                breakOff(connection, because: ClosingReason(.unread, text))
            case .serving, .finishing, .broken: continue
            }
        }
        if firstOpening > openings.count / 2 {
            openings.removeFirst(firstOpening)
            firstOpening = 0
        }
    }
}

extension Instant {
    /// The next moment, or this one, that is a multiple of the duration after the clock's start.
    fileprivate func roundedUp(to grid: Duration) -> Instant {
        let step = grid.nanosecondsClamped
        let past = nanoseconds % step
        return past > 0 && nanoseconds <= .max - step
            ? Instant(nanoseconds: nanoseconds - past + step) : self
    }
}
