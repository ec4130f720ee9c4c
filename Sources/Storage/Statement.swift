internal import CSQLite

/// A compiled SQL statement of one connection; used by the connection's thread, freed with the value.
///
/// Parameters count from 1 and columns from 0, as in SQLite. Parameters keep their values until they get others. A
/// row's columns may be read until the next `step`, `run` or `reset`.
@safe
public struct Statement: ~Copyable {
    private let statement: OpaquePointer
    private let path: String

    @unsafe
    init(_ statement: OpaquePointer, path: String) {
        (unsafe self.statement, self.path) = (unsafe statement, path)
    }

    deinit {
        // SAFETY: made by `Database.prepare` for this value alone.
        unsafe sqlite3_finalize(statement)
    }

    /// Sets an integer parameter.
    public func bind(_ value: Int64, at index: Int32) {
        expect(unsafe sqlite3_bind_int64(statement, index, value), index)
    }

    /// Sets a parameter to NULL.
    public func bindNull(at index: Int32) {
        expect(unsafe sqlite3_bind_null(statement, index), index)
    }

    /// Goes to the next row.
    ///
    /// - Returns: False when there is none; the statement is at its beginning again then.
    /// - Throws: `StorageError`; the statement is at its beginning again then.
    public mutating func step() throws(StorageError) -> Bool {
        let result = unsafe sqlite3_step(statement)
        if result == SQLITE_ROW { return true }
        defer { reset() }
        guard result == SQLITE_DONE else {
            // SAFETY: the connection of a statement lives as long as the statement.
            throw unsafe StorageError(
                sqlite: result,
                of: sqlite3_db_handle(statement),
                path,
                String(cString: sqlite3_sql(statement))
            )
        }
        return false
    }

    /// Goes back to the beginning; parameters stay.
    public mutating func reset() {
        // It returns the last step's failure once more, which that step has thrown.
        _ = unsafe sqlite3_reset(statement)
    }

    /// Runs to the end with parameters set before; rows are left aside.
    ///
    /// - Throws: `StorageError`.
    public mutating func run() throws(StorageError) {
        while try step() {}
    }

    /// Runs to the end with a text at parameter 1, which is not copied.
    ///
    /// - Parameter text: UTF-8.
    /// - Throws: `StorageError`.
    public mutating func run(text: Span<UInt8>) throws(StorageError) {
        try withText(text) { (statement) throws(StorageError) in try statement.run() }
    }

    /// Runs to the end with a text at parameter 1 and a blob at parameter 2, which are not copied.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - blob: Any bytes.
    /// - Throws: `StorageError`.
    public mutating func run(text: Span<UInt8>, blob: Span<UInt8>) throws(StorageError) {
        guard !blob.isEmpty else {
            // A blob at no address would be NULL.
            expect(unsafe sqlite3_bind_zeroblob(statement, 2, 0), 2)
            return try run(text: text)
        }
        // SAFETY: the bytes live until the closure ends; the parameter is taken back before that.
        try unsafe blob.withUnsafeBytes { (bytes) throws(StorageError) in
            let count = Int32(clamping: bytes.count)
            expect(unsafe muster_sqlite_bind_blob(statement, 2, bytes.baseAddress, count), 2)
            defer { bindNull(at: 2) }
            try run(text: text)
        }
    }

    /// The first column of the first row with a text at parameter 1, which is not copied.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: Its value; nil without rows.
    /// - Throws: `StorageError`.
    public mutating func integer(text: Span<UInt8>) throws(StorageError) -> Int64? {
        var value: Int64?
        try withText(text) { (statement) throws(StorageError) in
            if try statement.step() { value = statement.integer(0) }
            statement.reset()
        }
        return value
    }

    /// Value of an integer column; 0 for NULL.
    public func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(statement, column)
    }

    /// True when a column is NULL.
    public func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// Value of a text column.
    ///
    /// - Returns: A copy; nil for NULL.
    /// - Throws: `StorageError` `.damaged` when the bytes are not UTF-8.
    public func text(_ column: Int32) throws(StorageError) -> String? {
        // SAFETY: the bytes live until the next step, and are copied before; their count is asked for after the
        // text, as SQLite wants it.
        guard let bytes = unsafe sqlite3_column_text(statement, column) else { return nil }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        let buffer = unsafe UnsafeBufferPointer(start: bytes, count: count)
        guard let text = unsafe String(validating: buffer, as: UTF8.self) else {
            throw StorageError(.damaged, path, "a text is not UTF-8")
        }
        return text
    }

    /// Looks at the bytes of a text column, which need not be UTF-8 in a file from elsewhere; none for NULL.
    ///
    /// - Parameters:
    ///   - column: From 0 on.
    ///   - body: Gets the bytes, which are SQLite's own.
    public func withText(_ column: Int32, _ body: (Span<UInt8>) -> Void) {
        // SAFETY: the bytes live until the next step, which `body` cannot make; their count is asked for after the
        // text, as SQLite wants it.
        let bytes = unsafe sqlite3_column_text(statement, column)
        let count = unsafe bytes == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
        body(unsafe UnsafeBufferPointer(start: bytes, count: count).span)
    }

    /// Value of a blob column.
    ///
    /// - Returns: A copy; nil for NULL.
    public func blob(_ column: Int32) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        // SAFETY: the bytes live until the next step, and are copied before; none is at no address.
        let bytes = unsafe sqlite3_column_blob(statement, column)
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private mutating func withText(
        _ text: Span<UInt8>,
        _ body: (inout Self) throws(StorageError) -> Void
    ) throws(StorageError) {
        // SAFETY: the bytes live until the closure ends; the parameter is taken back before that, when the
        // statement is at its beginning again.
        try unsafe text.withUnsafeBytes { (bytes) throws(StorageError) in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let count = Int32(clamping: bytes.count)
            expect(unsafe muster_sqlite_bind_text(statement, 1, start, count), 1)
            defer { bindNull(at: 1) }
            try body(&self)
        }
    }

    /// Binding fails for an index that the statement does not have, and for a statement that is not at its beginning.
    private func expect(_ result: Int32, _ index: Int32) {
        guard result == SQLITE_OK else {
            fatalError("\(path): parameter \(index) cannot be set, SQLite code \(result)")
        }
    }
}
