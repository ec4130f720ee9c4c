internal import CSQLite

/// What marks a database as a store's own, and which tables it has.
public struct DatabaseFormat: Sendable {
    /// Stands in the file's header, so that nobody else's database is taken for the store's.
    public let applicationID: Int32
    /// What the file is, for people, such as `a registry's tree`.
    public let name: String
    /// SQL that leads from each version to the next; the first makes an empty file one of version 1.
    public let steps: [String]

    /// Creates a format.
    ///
    /// - Parameters:
    ///   - applicationID: Stands in the file's header; not 0.
    ///   - name: What the file is, for people.
    ///   - steps: SQL that leads from each version to the next.
    public init(applicationID: Int32, name: String, steps: [String]) {
        (self.applicationID, self.name, self.steps) = (applicationID, name, steps)
    }

    /// The version that this program writes.
    var version: Int64 { Int64(steps.count) }
}

extension Database {
    /// Readies a connection for writing, once the file is known to be the store's or empty.
    ///
    /// Durable is what a transaction did when it returns: the write-ahead log is synced with every commit.
    ///
    /// - Parameters:
    ///   - format: What the file is to be; an older version is brought up to the present one.
    ///   - fill: Called for a new file, together with whose tables its rows come into being.
    /// - Throws: `StorageError` `.unknownFormat` for a later version and for another program's file, which
    ///   stays as it is; `.damaged` for what is no database; and others.
    public func use(
        _ format: DatabaseFormat,
        fill: () throws(StorageError) -> Void = {}
    ) throws(StorageError) {
        let version = try version(of: format)
        try execute("PRAGMA page_size=\(Limits.pageBytes)")
        var journal = try prepare("PRAGMA journal_mode=WAL")
        guard try journal.step(), try journal.text(0) == "wal" else {
            throw StorageError(.failed, path, "the database cannot have a write-ahead log here")
        }
        journal.reset()
        try execute(
            """
            PRAGMA synchronous=FULL;
            PRAGMA wal_autocheckpoint=0;
            PRAGMA journal_size_limit=\(Limits.journalBytesKept);
            PRAGMA cache_size=-\(Limits.cacheKibibytes);
            PRAGMA temp_store=MEMORY;
            PRAGMA secure_delete=FAST;
            """
        )
        guard version < format.version else { return }
        try transaction { () throws(StorageError) in
            for step in format.steps[Int(version)...] { try execute(step) }
            try execute("PRAGMA application_id=\(format.applicationID)")
            try execute("PRAGMA user_version=\(format.version)")
            if version == 0 { try fill() }
        }
    }

    /// From now on the write-ahead log is copied back when the connection is closed; until then a file that turns out
    /// not to be sound stays as it is.
    public func copyBackOnClose() throws(StorageError) {
        try configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
    }

    /// Makes sure that the file is of the present version.
    ///
    /// - Parameter format: What the file is to be.
    /// - Throws: `StorageError` `.unknownFormat` or `.damaged`, and others.
    public func require(_ format: DatabaseFormat) throws(StorageError) {
        let version = try version(of: format)
        guard version == format.version else {
            throw StorageError(
                .unknownFormat,
                path,
                version == 0 ? "the database is empty" : "it has the older format \(version)"
            )
        }
    }

    /// The version of the store's file; 0 for an empty one.
    private func version(of format: DatabaseFormat) throws(StorageError) -> Int64 {
        let tables = try integer("SELECT count(*) FROM sqlite_schema")
        let applicationID = try integer("PRAGMA application_id")
        let version = try integer("PRAGMA user_version")
        if (tables, applicationID, version) == (0, 0, 0) { return 0 }
        guard applicationID == format.applicationID else {
            throw StorageError(
                .unknownFormat,
                path,
                "this is another program's database, not \(format.name); it is left as it is"
            )
        }
        guard version <= format.version else {
            throw StorageError(
                .unknownFormat,
                path,
                "it has format \(version), and this program knows them up to \(format.version); "
                    + "it is left as it is: use the version of Muster that wrote it, or a later one"
            )
        }
        guard version > 0, tables > 0 else {
            throw StorageError(.damaged, path, "it has format \(version) and \(tables) tables")
        }
        return version
    }
}
