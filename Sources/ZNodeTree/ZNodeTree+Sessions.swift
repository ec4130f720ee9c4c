public import ServiceModel
import ZooKeeperProtocol

/// Sessions: created and ended at zxids of their own, kept alive by being heard of.
extension ZNodeTree {
    /// Creates a session, as a change of its own.
    ///
    /// - Parameters:
    ///   - id: Not in use, and not 0.
    ///   - timeout: As negotiated.
    ///   - now: When it was last heard of.
    /// - Returns: The change's zxid; nil when there are too many sessions, or the id is not free.
    public mutating func createSession(_ id: Int64, timeout: Duration, now: Instant) -> Int64? {
        guard id != 0, sessions[id] == nil, sessions.count < Limits.sessionsMax else { return nil }
        let session = Session(id: id, timeout: timeout, deadline: now + timeout)
        open(session)
        lastZxid &+= 1
        session.zxid = lastZxid
        record(.sessionOpened, session)
        return lastZxid
    }

    /// A client goes on with a session on a new connection.
    ///
    /// Another timeout than before is a change of its own.
    ///
    /// - Parameters:
    ///   - id: The session.
    ///   - timeout: As negotiated anew.
    ///   - now: When it was heard of.
    /// - Returns: zxid of the change that gave it this timeout, be it this one or an earlier one; nil when there is no
    ///   such session.
    public mutating func resumeSession(_ id: Int64, timeout: Duration, now: Instant) -> Int64? {
        guard let session = sessions[id] else { return nil }
        let isOther = session.timeout != timeout
        resume(session, timeout: timeout, now: now)
        guard isOther else { return session.zxid }
        lastZxid &+= 1
        session.zxid = lastZxid
        record(.sessionResumed, session)
        return lastZxid
    }

    /// The session was heard of; its deadline moves to a full timeout from now.
    ///
    /// A store and no more: the queue of expiries finds out when it comes to the session.
    public func touchSession(_ id: Int64, now: Instant) {
        guard let session = sessions[id] else { return }
        session.deadline = max(session.deadline, now + session.timeout)
    }

    /// True while the session is alive.
    public func hasSession(_ id: Int64) -> Bool { sessions[id] != nil }

    /// What is known of the session, or nil when there is none.
    public func session(_ id: Int64) -> SessionSummary? { sessions[id].map(Self.summary) }

    /// All sessions, by id.
    ///
    /// - Complexity: O(n log n).
    public var sessionSummaries: [SessionSummary] {
        sessions.values.map(Self.summary).sorted { $0.id < $1.id }
    }

    /// Paths of the session's ephemerals.
    ///
    /// - Complexity: O(result).
    public func ephemerals(of id: Int64) -> [String] {
        sessions[id]?.ephemerals.map(\.path) ?? []
    }

    /// A moment not later than the earliest deadline, to call `expireNext` at; nil without sessions.
    public var nextDeadline: Instant? { expiry.next }

    /// Ends one session whose deadline has come; call again until it returns nil.
    ///
    /// - Complexity: O(log n) for each session that came up, O(its ephemerals).
    /// - Parameter now: Deadlines at or before it have come.
    /// - Returns: The session, and what its end did: all its ephemerals gone in one zxid.
    public mutating func expireNext(now: Instant) -> (session: Int64, outcome: Outcome)? {
        while let due = expiry.next, due <= now, let session = expiry.first {
            guard session.deadline > now else {
                return endSession(session.id).map { (session.id, $0) }
            }
            expiry.set(session, due: session.deadline)
        }
        return nil
    }

    /// Ends a session and deletes its ephemerals, all at one zxid.
    ///
    /// - Complexity: O(ephemerals).
    mutating func endSession(_ id: Int64) -> Outcome? {
        guard let session = sessions[id] else { return nil }
        let time = UnixTime(milliseconds: 0)
        var journal = Journal(zxid: lastZxid &+ 1, time: time, &spareSteps)
        defer { journal.end(&spareSteps) }
        // From the end of the list, so that nothing moves.
        while let node = session.ephemerals.last, let parent = node.parent {
            remove(node, from: parent, &journal)
        }
        effort += journal.steps.count
        close(session)
        lastZxid = journal.zxid
        record(journal, endOf: id)
        return Outcome(
            result: .success(.empty),
            zxid: journal.zxid,
            dependsOn: journal.zxid,
            isChange: true,
            hits: fire(journal)
        )
    }

    /// A session is there from now on.
    mutating func open(_ session: Session) {
        sessions[session.id] = session
        greatestSession = max(greatestSession, session.id)
        expiry.set(session, due: session.deadline)
    }

    /// A session has another timeout, which begins now.
    mutating func resume(_ session: Session, timeout: Duration, now: Instant) {
        (session.timeout, session.deadline) = (timeout, now + timeout)
        if let due = expiry.due(session), session.deadline < due {
            expiry.set(session, due: session.deadline)
        }
    }

    /// A session without ephemerals is not there any more.
    mutating func close(_ session: Session) {
        expiry.remove(session)
        sessions[session.id] = nil
    }

    private static func summary(_ session: Session) -> SessionSummary {
        SessionSummary(
            id: session.id,
            timeout: session.timeout,
            deadline: session.deadline,
            ephemeralCount: session.ephemerals.count
        )
    }
}
