internal import CSQLite
internal import Glibc

extension StorageError {
    /// What a call of SQLite returned, in our terms.
    ///
    /// - Parameters:
    ///   - result: The extended code.
    ///   - connection: Whose call it was.
    ///   - path: The file.
    ///   - attempt: What was attempted, for people.
    @unsafe
    init(sqlite result: Int32, of connection: OpaquePointer, _ path: String, _ attempt: String) {
        // SAFETY: the connection is open, and its text is copied before anything else is called on it.
        let (cause, text) = unsafe (
            sqlite3_system_errno(connection), String(cString: sqlite3_errmsg(connection))
        )
        let reason = cause == 0 ? "" : unsafe " (\(String(cString: strerror(cause))))"
        self.init(
            .init(sqlite: result, cause: cause),
            path,
            "cannot \(attempt.prefix(60)): \(text)\(reason), SQLite code \(result)",
            cause: result
        )
    }
}

extension StorageError.Code {
    /// The kind of trouble that an extended code of SQLite stands for.
    ///
    /// - Parameters:
    ///   - result: The code.
    ///   - cause: The errno behind it; 0 where there is none.
    init(sqlite result: Int32, cause: Int32) {
        switch result & 0xff {
        case SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_CONSTRAINT: self = .damaged
        case SQLITE_FULL: self = .noSpace
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_IOERR: self = Self.failedCall(result, cause: cause)
        case SQLITE_CANTOPEN: self = .init(cause: cause)
        default: self = .failed
        }
    }

    /// The kind of trouble that a failed call of the operating system stands for.
    private static func failedCall(_ result: Int32, cause: Int32) -> Self {
        switch result >> 8 {
        // After a failed sync nothing is known of what is on the disk, whatever the reason was.
        case FailedCall.sync, FailedCall.directorySync: .failed
        // A limit of file sizes or a quota: SQLite's own calls may have replaced the errno since.
        case FailedCall.write where cause != EIO: .noSpace
        default: .init(cause: cause)
        }
    }

    /// The kind of trouble that an errno stands for.
    init(cause: Int32) {
        switch cause {
        case ENOSPC, EDQUOT, EFBIG: self = .noSpace
        case ENOENT, ENOTDIR: self = .notFound
        default: self = .failed
        }
    }
}

/// The calls that SQLite tells apart in the high bits of SQLITE_IOERR.
private enum FailedCall {
    static let write: Int32 = 3
    static let sync: Int32 = 4
    static let directorySync: Int32 = 5
}
