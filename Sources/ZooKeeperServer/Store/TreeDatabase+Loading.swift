package import ServiceModel
package import Storage
package import ZNodeTree
import ZooKeeperProtocol

/// The way back into memory.
extension TreeDatabase {
    /// Makes the tree that is at rest.
    ///
    /// HOT: 2.5 microseconds a znode (benchmark `fold`).
    ///
    /// - Parameters:
    ///   - enforcesQuotas: Hard limits of quotas refuse changes.
    ///   - isRecording: Changes from now on leave records.
    ///   - now: When the timeouts of sessions begin.
    ///   - progress: Called from time to time with the znodes that are there, and that there will be.
    /// - Returns: The tree, as of `state.zxid`.
    /// - Throws: `StorageError`, `.damaged` with what does not make a tree.
    package func load(
        enforcesQuotas: Bool = false,
        isRecording: Bool = false,
        now: Instant,
        progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws(StorageError) -> ZNodeTree {
        var tree = ZNodeTree(
            zxid: state.zxid,
            enforcesQuotas: enforcesQuotas,
            isRecording: isRecording
        )
        try Self.load(database, state, into: &tree, now: now, progress: progress)
        return tree
    }

    /// Puts everything into a tree that has nothing yet.
    static func load(
        _ database: borrowing Database,
        _ state: State,
        into tree: inout ZNodeTree,
        now: Instant,
        progress: (_ done: Int, _ all: Int) -> Void
    ) throws(StorageError) {
        var done = 0
        tree.reserve(min(state.znodes, Limits.reservedNodesMax))
        try restoreSessions(in: database, into: &tree, now: now)
        let lists = try ACLTable.all(of: database)
        // Ephemerals have no children: all that can have some are there before them.
        for owners in ["owner = 0", "owner < 0", "owner > 0"] {
            var rows = try database.prepare("\(columns) WHERE \(owners) ORDER BY owner, path")
            while try rows.step() {
                let node = try node(rows, lists, database.path)
                do throws(TreeDamage) {
                    try tree.restore(node)
                } catch {
                    throw StorageError(.damaged, database.path, "\(error)")
                }
                done += 1
                if done % Limits.rowsPerReport == 0 { progress(done, state.znodes) }
            }
        }
        guard done == state.znodes else {
            let message = "it has \(done) znodes, and counted \(state.znodes)"
            throw StorageError(.damaged, database.path, message)
        }
    }

    private static let columns = """
        SELECT path, data, kind, owner, ttl, acl, czxid, mzxid, pzxid, ctime, mtime,
          version, aversion, creations FROM znode
        """

    private static func restoreSessions(
        in database: borrowing Database,
        into tree: inout ZNodeTree,
        now: Instant
    ) throws(StorageError) {
        var rows = try database.prepare("SELECT id, timeout FROM session")
        while try rows.step() {
            let (id, timeout) = (rows.integer(0), Duration.milliseconds(rows.integer(1)))
            do throws(TreeDamage) {
                try tree.restoreSession(id, timeout: timeout, now: now)
            } catch {
                throw StorageError(.damaged, database.path, "\(error)")
            }
        }
    }

    private static func node(
        _ row: borrowing Statement,
        _ lists: [Int64: [ACL]],
        _ file: String
    ) throws(StorageError) -> ZNodeAtRest {
        let path = try row.text(0) ?? ""
        let ttl = row.isNull(4) ? nil : row.integer(4)
        guard let kind = ZNodeKind(number: row.integer(2), owner: row.integer(3), ttl: ttl),
            let acl = lists[row.integer(5)], let version = Int32(exactly: row.integer(11)),
            let aversion = Int32(exactly: row.integer(12)),
            let creations = Int32(exactly: row.integer(13))
        else {
            let message = "the row of znode \(LogText.quoted(path)) is not whole"
            throw StorageError(.damaged, file, message)
        }
        return ZNodeAtRest(
            path: path,
            kind: kind,
            data: row.blob(1),
            acl: acl,
            czxid: row.integer(6),
            mzxid: row.integer(7),
            pzxid: row.integer(8),
            ctime: row.integer(9),
            mtime: row.integer(10),
            version: version,
            aversion: aversion,
            creations: creations
        )
    }
}
