import ServiceModel
import Storage
import ZNodeTree

/// A store as a start found it: the tree as of its last durable change, and the log ready to go on.
///
/// Step of the data flow: before everything else. `tree.db` is loaded, the log behind it replayed, and what was
/// replayed is synced before anyone can see it: the process that wrote it may have died before its own sync. A
/// file that is damaged or of a later format ends the start before anything is touched.
struct OpenedStore: ~Copyable {
    /// What the store's threads take over.
    // SAFETY: it is handed from the thread that opened it to those that go on with it, and not kept: it has one
    // owner at any time. SQLite's connection may move between threads as long as one at a time uses it.
    struct Parts: ~Copyable, @unchecked Sendable {
        let log: LogWriter
        let database: TreeDatabase
        /// Bytes of the log that `tree.db` does not have.
        let behind: Int

        /// Hands over both, each to an owner of its own.
        consuming func split(_ take: (consuming LogWriter, consuming TreeDatabase) -> Void) {
            take(log, database)
        }
    }

    /// As of the last durable change; it records what comes next.
    let tree: ZNodeTree
    let parts: Parts
    /// What a crash tore off the log, for people.
    let tear: String?
    /// What was found, for people.
    let summary: String
    /// The last session that was given out, or more.
    let highestSession: Int64
    /// The secret of the sessions' passwords.
    let passwordKey: (UInt64, UInt64)

    /// Opens the store, and begins it where there is none.
    ///
    /// - Parameters:
    ///   - configuration: Where it is.
    ///   - files: How the log is reached.
    ///   - access: How `tree.db` is reached.
    ///   - firstZxid: A new store's first change gets the next one.
    ///   - newKey: The secret of a new store.
    ///   - now: When the timeouts of sessions begin, until the start is over.
    ///   - progress: Called often, with what is being done.
    /// - Throws: `StorageError`.
    init(
        _ configuration: StoreConfiguration,
        files: any FileSystem,
        access: Database.Access = Database.Access(),
        firstZxid: Int64,
        newKey: (UInt64, UInt64),
        now: Instant,
        progress: (String) -> Void
    ) throws(StorageError) {
        let directory = configuration.directory
        try files.makeDirectory(directory)
        try files.syncDirectory(of: directory)
        let path = directory + "/" + Self.databaseName
        let reader = LogReader(in: directory, on: files)
        if try !files.names(in: directory).contains(Self.databaseName) {
            try Self.requireNoChanges(reader, path)
        }
        try Self.settleCommitted(path, on: files)
        var database = try TreeDatabase(
            path,
            access: access,
            origin: TreeDatabase.State(zxid: firstZxid, passwordKey: Self.bytes(of: newKey))
        )
        try files.syncDirectory(directory)
        var tree = try database.load(isRecording: true, now: now) { done, all in
            progress("loading: \(done) of \(all) znodes")
        }
        let start = database.state.position
        var (changes, bytes) = (0, 0)
        let end = try reader.recover(from: start, zxid: database.state.zxid) {
            zxid,
            payload throws(StorageError) in
            do throws(TreeDamage) {
                try tree.replay(zxid: zxid, payload, now: now)
            } catch {
                throw StorageError(.damaged, directory, "the log does not fit \(path): \(error)")
            }
            changes += 1
            bytes += LogBatch.recordBytes(payload: payload.count)
            if changes % 1_000 == 0 { progress("replaying the log: \(changes) changes") }
        }
        try Segment.removeUnfinished(in: directory, on: files)
        let log = try LogWriter.resume(
            after: end ?? LogEnd(position: start, zxid: tree.lastZxid),
            segmentBytes: configuration.segmentBytes,
            in: directory,
            on: files
        )
        try database.database.copyBackOnClose()
        // From here on a segment that is missing is missed.
        if start == .start { try database.fold(NetChanges(), upTo: log.position) }
        try Segment.removeCovered(by: database.state.position, in: directory, on: files)
        tear = end?.tear
        summary =
            "\(tree.nodeCount) znodes and \(tree.sessionCount) sessions, \(changes) changes replayed"
        highestSession = max(database.state.lastSession, tree.greatestSession)
        passwordKey = Self.key(of: database.state.passwordKey)
        self.tree = tree
        parts = Parts(log: log, database: database, behind: bytes)
    }

    /// The tree for the engine; the rest is for the store's threads.
    ///
    /// - Parameter take: Gets the tree.
    /// - Returns: The rest.
    consuming func split(_ take: (consuming ZNodeTree) -> Void) -> Parts {
        take(tree)
        return parts
    }

    /// Makes sure of what was committed last: who did it may have died before SQLite's own sync, or because of it.
    ///
    /// SQLite does not sync what it finds in the write-ahead log, but the log's segments go by it. What it has copied
    /// from there to the database it copies again. It has no locks on that file which another descriptor could
    /// break.
    private static func settleCommitted(
        _ path: String,
        on files: any FileSystem
    ) throws(StorageError) {
        let file: FileHandle
        do throws(StorageError) {
            file = try files.open(path + "-wal", for: .reading)
        } catch {
            guard error.code == .notFound else { throw error }
            return
        }
        defer { files.close(file) }
        try files.sync(file)
        try files.dropCached(file)
    }

    /// A log without the tree that it goes on from is of no use, unless it has nothing to tell.
    private static func requireNoChanges(
        _ reader: LogReader,
        _ path: String
    ) throws(StorageError) {
        _ = try reader.recover(from: .start, zxid: 0) { zxid, _ throws(StorageError) in
            let text = "it is missing, and the log begins at zxid 0x\(String(zxid, radix: 16))"
            throw StorageError(.damaged, path, text)
        }
    }

    private static func bytes(of key: (UInt64, UInt64)) -> [UInt8] {
        [key.0, key.1].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
        }
    }

    private static func key(of bytes: [UInt8]) -> (UInt64, UInt64) {
        func half(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.reduce(0) { $0 << 8 | UInt64($1) }
        }
        return (half(bytes.prefix(8)), half(bytes.dropFirst(8).prefix(8)))
    }

    /// Name of the tree at rest.
    static let databaseName = "tree.db"
}
