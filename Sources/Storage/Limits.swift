/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest segment that a file can have: what is longer is damaged.
    static let segmentBytesMax = Int64(1) << 40
    /// What the kernel keeps of files in memory, and what a file system may want writes to be a multiple of.
    static let cachePageBytes = 4_096
    /// Zeros written at once while a segment is reserved: 64 calls for 64 MiB.
    static let zeroBytesPerWrite = 1 << 20
    /// Bytes of the log read at once; a longer record is read by itself.
    static let logBytesPerRead = 1 << 20
    /// Bytes of memory that a batch keeps for the next one; three batches circulate.
    static let batchBytesKept = 4 << 20
    /// How long a statement waits for another program that holds the database, before it fails as busy.
    ///
    /// In WAL mode readers hold up nobody; what does is a person's own write transaction.
    static let databaseWaitMilliseconds: Int32 = 5_000
    /// Bytes of a page of a new database.
    ///
    /// Rows in order of their keys, 280 bytes each, cost 2.5 microseconds with 16 KiB, 3.3 with 8 KiB and 4.5 with
    /// 4 KiB: fewer pages are split, written and copied back; 32 KiB costs more again.
    static let pageBytes = 16 << 10
    /// Memory for pages of one connection, in KiB: 512 pages.
    ///
    /// Rows come in order of their keys, so that a page is needed once; 64 MiB gains nothing.
    static let cacheKibibytes = 8 << 10
    /// The write-ahead log is cut to so many bytes when it has been copied back.
    static let journalBytesKept = 4 << 20
    /// Contradictions in a damaged database that a message tells of.
    static let contradictionsShown = 3
}
