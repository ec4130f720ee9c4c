public import Wire

/// A znode's data and Stat: answer to getData, and to reconfig.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, GetDataResponse):
/// ```
/// buffer data | Stat
/// ```
public struct GetDataResponse: Record {
    /// The data; null and empty are two things.
    public var data: [UInt8]?
    /// The znode's Stat.
    public var stat: Stat

    /// Creates the record; nothing is checked here.
    public init(data: [UInt8]?, stat: Stat) {
        (self.data, self.stat) = (data, stat)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        data = try reader.readBuffer()
        stat = try Stat(from: &reader)
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeBuffer(data)
        stat.encode(into: &writer)
    }
}
