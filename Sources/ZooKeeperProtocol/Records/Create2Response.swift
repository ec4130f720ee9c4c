public import Wire

/// What was made: answer to create2, createContainer and createTTL.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, Create2Response):
/// ```
/// string path | Stat
/// ```
public struct Create2Response: Record {
    /// Full path, with the number that a sequential kind was given.
    public var path: String
    /// The new znode's Stat.
    public var stat: Stat

    /// Creates the record; nothing is checked here.
    public init(path: String, stat: Stat) {
        (self.path, self.stat) = (path, stat)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        stat = try Stat(from: &reader)
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        stat.encode(into: &writer)
    }
}
