/// Where the embedded registry keeps what it must not lose.
public struct StoreConfiguration: Sendable {
    /// A folder of its own, with `tree.db` and the log's segments; made where it does not exist.
    public var directory: String
    /// Bytes of a segment of the log; two are there at a time, and a record may have a quarter of one.
    public var segmentBytes: Int
    /// Bytes of the log behind `tree.db` at which that is brought forward.
    public var foldBytes: Int

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - directory: A folder of its own.
    ///   - segmentBytes: 16 MiB if not given.
    ///   - foldBytes: 64 MiB if not given: replayed in a second at the next start, and little enough to be gathered in memory.
    public init(
        directory: String,
        segmentBytes: Int? = nil,
        foldBytes: Int? = nil
    ) {
        self.directory = directory
        self.segmentBytes = segmentBytes ?? Limits.segmentBytes
        self.foldBytes = foldBytes ?? Limits.foldBytes
    }
}
