import ServiceModel
package import Storage
import ZNodeTree

/// Copies of the tree at rest: making, looking at and going back to them.
extension TreeDatabase {
    /// Writes a copy of the tree as it is at rest now, complete under its name or not there at all.
    ///
    /// For use while the store's thread goes on: it has a connection of its own.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - copy: The file to make; an earlier copy, or an empty file, is replaced.
    ///   - files: Where it is.
    /// - Returns: Its bytes.
    /// - Throws: `StorageError`; what was there is still there then.
    @discardableResult
    package static func copy(
        _ path: String,
        to copy: String,
        in files: any FileSystem
    ) throws(StorageError) -> Int {
        try requireReplaceable(copy, in: files)
        let database = try Database(path, for: .reading)
        try database.require(format)
        try database.copy(to: copy, in: files)
        let file = try files.open(copy, for: .reading)
        defer { files.close(file) }
        return try files.size(of: file)
    }

    /// Refuses to take the place of what is no copy.
    private static func requireReplaceable(
        _ path: String,
        in files: any FileSystem
    ) throws(StorageError) {
        guard try isThere(path, in: files) else { return }
        let file = try files.open(path, for: .reading)
        defer { files.close(file) }
        let header = try files.read(Limits.databaseHeaderBytes, at: 0, of: file)
        guard !header.isEmpty, !isOurs(header) else { return }
        let text = "it is there already and no backup: name another file, or remove it"
        throw StorageError(.failed, path, text)
    }

    /// SQLite file format, section 1.3: 16 bytes of magic, and the application's mark at offset 68.
    private static func isOurs(_ header: [UInt8]) -> Bool {
        let mark = header.dropFirst(68).prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
        return header.starts(with: Array("SQLite format 3\0".utf8)) && mark == format.applicationID
    }

    /// Reads everything in a database that nobody writes meanwhile, such as a copy.
    ///
    /// - Parameter path: Of the file.
    /// - Returns: What it has beside its znodes and sessions.
    /// - Throws: `StorageError` `.unknownFormat` or `.damaged` with what is wrong, and others.
    package static func check(_ path: String) throws(StorageError) -> State {
        let database = try Database(path, for: .reading)
        try database.require(format)
        try database.requireIntegrity()
        let state = try state(of: database)
        var tree = ZNodeTree(zxid: state.zxid)
        try load(database, state, into: &tree, now: Instant(nanoseconds: 0)) { _, _ in }
        return state
    }

    /// Makes a new database out of a copy, without sessions and their ephemerals.
    ///
    /// Sequence numbers and the zxids of parents stay as they are. The log begins anew.
    ///
    /// - Parameters:
    ///   - copy: As `copy` made it.
    ///   - path: The file to make; there must be none, and no write-ahead log of one.
    ///   - origin: The zxid that the registry goes on from, above all that clients may have seen, and the secret of
    ///     its sessions.
    ///   - files: Where both are.
    /// - Returns: Znodes in the new database.
    /// - Throws: `StorageError`; there is no file at `path` then.
    package static func restore(
        _ copy: String,
        to path: String,
        origin: State,
        in files: any FileSystem
    ) throws(StorageError) -> Int {
        for name in [path, path + "-wal"] where try isThere(name, in: files) {
            throw StorageError(.failed, name, "it is there already: move it away first")
        }
        let old = try check(copy)
        guard origin.zxid >= old.zxid else {
            throw StorageError(.failed, copy, "it is as of zxid \(old.zxid), not \(origin.zxid)")
        }
        let part = path + ".restoring"
        try Database(copy, for: .reading).copy(to: part, in: files)
        let znodes: Int
        do throws(StorageError) {
            znodes = try begin(part, from: origin)
            let file = try files.open(part, for: .writing)
            defer { files.close(file) }
            try files.sync(file)
            try files.rename(part, to: path)
        } catch {
            // The first trouble is the one to tell of.
            do throws(StorageError) { try files.remove(part) } catch _ {}
            throw error
        }
        try files.syncDirectory(of: path)
        return znodes
    }

    /// Takes sessions and what belongs to them out of a database, and what belongs to its log.
    private static func begin(_ path: String, from origin: State) throws(StorageError) -> Int {
        let database = try Database(path, for: .writing)
        try database.use(format)
        try database.copyBackOnClose()
        var state = try state(of: database)
        (state.zxid, state.position) = (origin.zxid, .start)
        state.passwordKey = origin.passwordKey
        try database.transaction { () throws(StorageError) in
            try database.execute("DELETE FROM session; DELETE FROM znode WHERE owner <> 0")
            state.znodes = Int(try database.integer("SELECT count(*) FROM znode"))
            try write(state, to: database)
            try writeKey(of: state, to: database)
        }
        try database.settle()
        return state.znodes
    }

    private static func isThere(
        _ path: String,
        in files: any FileSystem
    ) throws(StorageError) -> Bool {
        do throws(StorageError) {
            files.close(try files.open(path, for: .reading))
            return true
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }
}
