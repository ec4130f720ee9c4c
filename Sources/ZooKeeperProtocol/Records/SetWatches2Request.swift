public import Wire

/// As `SetWatchesRequest`, with the persistent watches, which get no catch-up.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, SetWatches2):
/// ```
/// SetWatches | vector<string> persistentWatches | vector<string> persistentRecursiveWatches
/// ```
public struct SetWatches2Request: Record {
    /// The one-shot watches, and the zxid.
    public var oneShot: SetWatchesRequest
    /// Paths of persistent watches.
    public var persistentWatches: [String]
    /// Paths of persistent recursive watches.
    public var persistentRecursiveWatches: [String]

    /// Creates the record; nothing is checked here.
    public init(
        oneShot: SetWatchesRequest,
        persistentWatches: [String],
        persistentRecursiveWatches: [String]
    ) {
        (self.oneShot, self.persistentWatches, self.persistentRecursiveWatches) = (
            oneShot, persistentWatches, persistentRecursiveWatches
        )
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        oneShot = try SetWatchesRequest(from: &reader)
        persistentWatches = try reader.readStrings()
        persistentRecursiveWatches = try reader.readStrings()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        oneShot.encode(into: &writer)
        writer.writeStrings(persistentWatches)
        writer.writeStrings(persistentRecursiveWatches)
    }
}
