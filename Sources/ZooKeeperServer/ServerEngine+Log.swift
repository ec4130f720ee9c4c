import ServiceModel
import Storage
import ZNodeTree
import ZooKeeperProtocol

/// The log as the engine knows it: how far it is behind, and how much room it has.
///
/// Every change is handed to the log in the turn in which it is made, and what shows it waits at the gate.
/// While the disk has no room for more of the log, changes are refused with NOTREADONLY; reads go on. Sessions, whose
/// records are short, begin for as long as a little room is left, and end for as long as there is any at all. While
/// too much waits for the disk, or more of the log is being reserved, requests wait too.
extension ServerEngine {
    /// Bytes of the log, each counted from the start of this process.
    struct LogBytes {
        /// Handed over.
        var given = 0
        /// Durable.
        var written = 0
        /// What may be handed over in all before the disk has no room; the log says it first of all.
        var limit = Int.max

        /// Waiting for the disk.
        var behind: Int { given - written }
    }

    /// Room in the log, with what is not handed over yet taken off.
    private var logRoom: Int {
        let records = tree.recorded
        let pending = LogBatch.recordBytes(payload: 0) * records.entries.count + records.byteCount
        return logBytes.limit - logBytes.given - pending
    }

    /// False while changes are refused for want of room.
    var acceptsChanges: Bool {
        durability == .inMemory || logRoom >= 2 * settings.recordBytesMax
    }

    /// False while no session begins, or gets another timeout: what room is left is for their ends.
    var acceptsSessions: Bool { acceptsChanges || logRoom >= Limits.logRoomForSessions }

    /// False while not even sessions can end.
    var acceptsEnds: Bool { durability == .inMemory || logRoom >= Limits.logRoomForEnds }

    /// True while requests have to wait for the disk, or for the next segment of the log.
    var isLogBehind: Bool {
        logBytes.behind > Limits.logBehindMax || !hasNoRoom && !acceptsChanges
    }

    /// Hands over what the tree recorded, in order.
    ///
    /// - Parameter records: Gets it behind what it has.
    mutating func takeRecords(into records: inout LogBatch) {
        guard !tree.recorded.isEmpty else { return }
        let before = records.byteCount
        tree.recorded.forEachRecord { zxid, payload in records.append(payload, zxid: zxid) }
        tree.recorded.removeAll()
        logBytes.given += records.byteCount - before
    }

    /// The log has come further.
    ///
    /// - Parameters:
    ///   - zxid: Every change up to it survives a crash.
    ///   - written: Bytes durable since the start.
    ///   - limit: Bytes that may be handed over in all.
    mutating func logged(upTo zxid: Int64, written: Int, limit: Int) {
        (logBytes.written, logBytes.limit) = (written, limit)
        durable(upTo: zxid)
    }

    /// The disk has no room for the next segment of the log, or has some again.
    mutating func roomChanged(hasNone: Bool) {
        hasNoRoom = hasNone
        resumeWaitingForLog()
    }

    /// Goes on with those that waited for the disk; after anything that may have ended that.
    mutating func resumeWaitingForLog() {
        guard !waitingForLog.isEmpty, logBytes.behind <= Limits.logBehindMax / 2,
            acceptsChanges || hasNoRoom
        else { return }
        let waiting = waitingForLog
        waitingForLog.removeAll(keepingCapacity: true)
        for id in waiting {
            guard let connection = connections[id] else { continue }
            resumeIfPossible(connection)
            connection.isAwaitingLog = connection.held.count >= Limits.heldAnswersMax
            if connection.isAwaitingLog { waitingForLog.append(id) }
        }
    }

    /// Who has sent something that waits for the disk is alive: its pings wait too.
    mutating func touchWaitingForLog(_ now: Instant) {
        for session in waitingForLog.compactMap({ connections[$0]?.session }) {
            tree.touchSession(session, now: now - lag)
        }
    }

    /// True for a request that the log has no room for.
    func isRefused(_ opCode: OpCode) -> Bool {
        guard opCode.isChange else { return false }
        return opCode == .closeSession ? !acceptsEnds : !acceptsChanges
    }
}

extension OpCode {
    /// True for requests that can leave a record in the log.
    fileprivate var isChange: Bool {
        switch self {
        case .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer, .setData,
            .setACL, .multi, .createSession, .closeSession:
            true
        default: false
        }
    }
}
