package import Storage

/// The tree at rest: the registry's znodes and sessions in one SQLite file, as of one place in the log.
///
/// Step of the data flow: behind the log, in front of nothing; a start reads it and what the log has beyond it. It
/// goes forward by whole windows of the log, each in one transaction together with the place where it ends, so
/// that whatever happens the two belong together. The `sqlite3` tool can read it at any time. Owner: the
/// store's thread.
package struct TreeDatabase: ~Copyable {
    /// What stands in the database beside its znodes and sessions.
    package struct State: Equatable {
        /// Last change that the tables have in them.
        package var zxid: Int64
        /// Where the log goes on from there.
        package var position: LogPosition
        /// Secret under which the passwords of sessions are made.
        package var passwordKey: [UInt8]
        /// The session that began last; 0 for none.
        package var lastSession: Int64
        /// Rows of znodes.
        package var znodes: Int

        /// What a registry begins with: no change, no log, no session.
        ///
        /// - Parameters:
        ///   - zxid: The first change gets the next one.
        ///   - passwordKey: At random, `TreeDatabase.passwordKeyBytes` bytes.
        package init(zxid: Int64, passwordKey: [UInt8]) {
            (self.zxid, position, self.passwordKey) = (zxid, .start, passwordKey)
            (lastSession, znodes) = (0, 0)
        }
    }

    /// Two keys of SipHash, see `SessionPasswords`.
    package static let passwordKeyBytes = 16

    /// What it is beside its znodes and sessions.
    package private(set) var state: State
    let database: Database
    private var writer: RowWriter

    /// Opens the file, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - path: Of the file.
    ///   - access: How files are reached.
    ///   - origin: What a new file begins with.
    /// - Throws: `StorageError`; `.unknownFormat` and `.damaged` leave the file as it is.
    package init(
        _ path: String,
        access: Database.Access = .init(),
        origin: State
    ) throws(StorageError) {
        let database = try Database(path, for: .writing, access: access)
        try database.use(Self.format) { () throws(StorageError) in
            try Self.fill(database, from: origin)
        }
        let state = try Self.state(of: database)
        let writer = try RowWriter(database)
        self.state = state
        self.database = database
        self.writer = writer
    }

    /// Brings the tree at rest forward by a window of the log.
    ///
    /// Once this returns, the window's part of the log is not needed any more. Before that nothing has changed.
    ///
    /// - Parameters:
    ///   - window: What the window changed; it begins at `state.position`.
    ///   - position: Where it ends.
    /// - Throws: `StorageError`; `.damaged` when the window does not follow from what is in the database.
    /// - Complexity: O(n log n) in the paths and sessions that changed, O(log n) in the rows that there are for each.
    package mutating func fold(
        _ window: consuming NetChanges,
        upTo position: LogPosition
    ) throws(StorageError) {
        guard position > state.position else { return }
        var after = state
        after.position = position
        after.zxid = window.lastZxid ?? state.zxid
        after.lastSession = window.lastOpened ?? state.lastSession
        defer { writer.forget() }
        state = try database.transaction { () throws(StorageError) in
            after.znodes += try writer.write(&window, to: database)
            try Self.write(after, to: database)
            return after
        }
        do throws(StorageError) {
            try database.checkpoint()
        } catch {
            // Without room the window is durable where it is, and is copied together with the next one.
            guard error.code == .noSpace else { throw error }
        }
    }
}
