public import Wire

/// A znode's children and Stat.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, GetChildren2Response):
/// ```
/// vector<string> children | Stat
/// ```
public struct GetChildren2Response: Record {
    /// Names, not paths, in no particular order.
    public var children: [String]
    /// The znode's Stat.
    public var stat: Stat

    /// Creates the record; nothing is checked here.
    public init(children: [String], stat: Stat) {
        (self.children, self.stat) = (children, stat)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        children = try reader.readStrings()
        stat = try Stat(from: &reader)
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeStrings(children)
        stat.encode(into: &writer)
    }
}
