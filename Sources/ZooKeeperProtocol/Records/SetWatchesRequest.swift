public import Wire

/// Sets the watches of an earlier connection again; sent with `XID.setWatches`.
///
/// What changed since the zxid is told as events before the reply.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, SetWatches):
/// ```
/// long relativeZxid | vector<string> dataWatches | vector<string> existWatches
/// vector<string> childWatches
/// ```
public struct SetWatchesRequest: Record {
    /// Last zxid that the client saw.
    public var relativeZxid: Int64
    /// Paths of getData watches and of exists watches on znodes that were there.
    public var dataWatches: [String]
    /// Paths of exists watches on znodes that were not there.
    public var existWatches: [String]
    /// Paths of getChildren watches.
    public var childWatches: [String]

    /// Creates the record; nothing is checked here.
    public init(
        relativeZxid: Int64,
        dataWatches: [String],
        existWatches: [String],
        childWatches: [String]
    ) {
        (self.relativeZxid, self.dataWatches, self.existWatches, self.childWatches) = (
            relativeZxid, dataWatches, existWatches, childWatches
        )
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        relativeZxid = try reader.readInt64()
        dataWatches = try reader.readStrings()
        existWatches = try reader.readStrings()
        childWatches = try reader.readStrings()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt64(relativeZxid)
        writer.writeStrings(dataWatches)
        writer.writeStrings(existWatches)
        writer.writeStrings(childWatches)
    }
}
