/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Zeros written at once while a segment is reserved: 64 calls for 64 MiB.
    static let zeroBytesPerWrite = 1 << 20
    /// Bytes of the log read at once; a longer record is read by itself.
    static let logBytesPerRead = 1 << 20
    /// Bytes of memory that a batch keeps for the next one; three batches circulate.
    static let batchBytesKept = 4 << 20
}
