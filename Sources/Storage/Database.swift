internal import CSQLite
internal import Glibc

/// One SQLite connection, used by one thread at a time, and closed with the value.
///
/// Step of the data flow: what stands between the tables of a store and SQLite. Every failure is a
/// `StorageError` that names the file. Opening changes nothing in a file that is there, so that its format can be
/// looked at first: `use(_:)` does that and readies the connection for work. Statements may outlive the
/// value; the file is closed after the last of them.
@safe
public struct Database: ~Copyable {
    /// Its file.
    public let path: String
    let connection: OpaquePointer

    /// What the connection is for.
    public enum Purpose: Sendable {
        /// Reading; the file must be there.
        case reading
        /// Reading and writing; a file that is not there is made, readable by its owner alone.
        case writing
    }

    /// Whom the file is shared with.
    public enum Sharing: Sendable {
        /// Other programs read it at the same time, through shared memory beside the file.
        case otherReaders
        /// Nobody; there is no need for shared memory, which simulated disks do not have.
        case none
    }

    /// How files are reached: the machine's own way, or that of a simulated disk.
    public struct Access: Sendable {
        /// Name under which SQLite knows the file system; nil for the machine's.
        public var fileSystem: String?
        /// Whom the file is shared with.
        public var sharing: Sharing

        /// Creates a way of access.
        ///
        /// - Parameters:
        ///   - fileSystem: Name under which SQLite knows the file system; nil for the machine's.
        ///   - sharing: Whom the file is shared with.
        public init(fileSystem: String? = nil, sharing: Sharing = .otherReaders) {
            (self.fileSystem, self.sharing) = (fileSystem, sharing)
        }
    }

    /// Opens a file, and changes nothing in it.
    ///
    /// - Parameters:
    ///   - path: Of the file.
    ///   - purpose: What the connection is for.
    ///   - access: How files are reached.
    /// - Throws: `StorageError` `.notFound`, `.failed` or `.noSpace`.
    public init(
        _ path: String,
        for purpose: Purpose,
        access: Access = Access()
    ) throws(StorageError) {
        // SQLite would let everybody read a new file; there are secrets in it.
        if case .writing = purpose, access.fileSystem == nil { try Self.make(path) }
        (self.path, unsafe connection) = (path, try unsafe Self.connect(path, purpose, access))
    }

    deinit {
        // SAFETY: opened in init and used by nobody else; statements that are left keep what they need.
        unsafe sqlite3_close_v2(connection)
    }

    /// Rows that the last statement inserted, updated or deleted.
    public var changes: Int { Int(unsafe sqlite3_changes64(connection)) }

    /// Runs statements whose results do not matter.
    ///
    /// - Parameter statements: SQL, separated by semicolons.
    /// - Throws: `StorageError`.
    public func execute(_ statements: String) throws(StorageError) {
        // SAFETY: the text lives for the call.
        let result = unsafe sqlite3_exec(connection, statements, nil, nil, nil)
        try require(result, statements)
    }

    /// The first column of the first row.
    ///
    /// - Parameter query: One statement of SQL.
    /// - Returns: Its value; 0 without rows and for NULL.
    /// - Throws: `StorageError`.
    public func integer(_ query: String) throws(StorageError) -> Int64 {
        var statement = try prepare(query)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// Compiles a statement for repeated use.
    ///
    /// - Parameter text: One statement of SQL.
    /// - Returns: The statement.
    /// - Throws: `StorageError`.
    public func prepare(_ text: String) throws(StorageError) -> Statement {
        var made: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        // SAFETY: the text lives for the call; the statement that came is owned by the value returned.
        let result = unsafe sqlite3_prepare_v3(connection, text, -1, flags, &made, nil)
        try require(result, text)
        guard let made = unsafe made else {
            throw StorageError(.failed, path, "nothing to prepare in: \(text)")
        }
        return unsafe Statement(made, path: path)
    }

    /// Does all of something or nothing.
    ///
    /// - Parameter body: What to do; everything is taken back when it throws.
    /// - Returns: What `body` returned, once it is durable.
    /// - Throws: What `body` threw, or `StorageError` when it cannot be made durable.
    public func transaction<Result: ~Copyable>(
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(StorageError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Some failures have ended the transaction already. What this one says is known: it failed before.
            if unsafe sqlite3_get_autocommit(connection) == 0 {
                _ = unsafe sqlite3_exec(connection, "ROLLBACK", nil, nil, nil)
            }
            throw error
        }
    }

    /// Copies what was committed from the write-ahead log into the file, as far as no reader is in the way.
    ///
    /// - Throws: `StorageError`; what was committed is durable all the same.
    public func checkpoint() throws(StorageError) {
        // SAFETY: no text is handed over.
        let result = unsafe sqlite3_wal_checkpoint_v2(
            connection,
            nil,
            SQLITE_CHECKPOINT_PASSIVE,
            nil,
            nil
        )
        guard result & 0xff != SQLITE_BUSY else { return }
        try require(result, "copy the write-ahead log back")
    }

    func configure(_ option: Int32, _ value: Bool) throws(StorageError) {
        let result = unsafe muster_sqlite_configure(connection, option, value ? 1 : 0)
        try require(result, "configure the connection")
    }

    private func require(_ result: Int32, _ attempt: String) throws(StorageError) {
        guard result != SQLITE_OK else { return }
        throw unsafe StorageError(sqlite: result, of: connection, path, attempt)
    }

    @unsafe
    private static func connect(
        _ path: String,
        _ purpose: Purpose,
        _ access: Access
    ) throws(StorageError) -> OpaquePointer {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | purpose.flags
        // SAFETY: the texts live for the call; the connection is closed here or belongs to the caller.
        var result = unsafe sqlite3_open_v2(path, &opened, flags, access.fileSystem)
        guard let connection = unsafe opened else {
            throw StorageError(.failed, path, "no memory to open the database")
        }
        if result == SQLITE_OK {
            unsafe sqlite3_busy_timeout(connection, Limits.databaseWaitMilliseconds)
            // The file may come from anywhere: nothing in it is run, and a damaged one does no harm.
            unsafe muster_sqlite_configure(connection, SQLITE_DBCONFIG_DEFENSIVE, 1)
            for option in [
                SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL,
            ] {
                unsafe muster_sqlite_configure(connection, option, 0)
            }
            // A file that turns out not to be ours stays as it is, with the log that is beside it. Without one
            // there is nothing to copy back, and what reading made is cleared away.
            let isLogThere =
                unsafe access.fileSystem != nil || Glibc.access(path + "-wal", F_OK) == 0
            unsafe muster_sqlite_configure(
                connection,
                SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                isLogThere ? 1 : 0
            )
            // Before anything is read, or shared memory is made all the same.
            let first = """
                PRAGMA locking_mode=\(access.sharing.mode);
                PRAGMA cell_size_check=ON;
                PRAGMA query_only=\(purpose.isReading);
                """
            result = unsafe sqlite3_exec(connection, first, nil, nil, nil)
        }
        guard result == SQLITE_OK else {
            let error = unsafe StorageError(sqlite: result, of: connection, path, "open")
            unsafe sqlite3_close_v2(connection)
            throw error
        }
        return unsafe connection
    }

    private static func make(_ path: String) throws(StorageError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let cause = errno
            let reason = unsafe String(cString: strerror(cause))
            throw StorageError(.init(cause: cause), path, "cannot open: \(reason)", cause: cause)
        }
        close(descriptor)
    }
}

extension Database.Purpose {
    fileprivate var isReading: Bool {
        if case .reading = self { true } else { false }
    }

    fileprivate var flags: Int32 {
        switch self {
        // With SQLITE_OPEN_READONLY the files that reading makes would stay behind.
        case .reading: SQLITE_OPEN_READWRITE
        case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        }
    }
}

extension Database.Sharing {
    /// The `locking_mode`.
    fileprivate var mode: String {
        switch self {
        case .otherReaders: "NORMAL"
        case .none: "EXCLUSIVE"
        }
    }
}
