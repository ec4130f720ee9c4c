public import Wire

/// Replaces a znode's data.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, SetDataRequest):
/// ```
/// string path | buffer data | int version
/// ```
public struct SetDataRequest: Record {
    /// Absolute path; the server checks its form.
    public var path: String
    /// The new data; null is kept apart from empty.
    public var data: [UInt8]?
    /// The expected version, -1 for any.
    public var version: Int32

    /// Creates the record; nothing is checked here.
    public init(path: String, data: [UInt8]?, version: Int32) {
        (self.path, self.data, self.version) = (path, data, version)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        data = try reader.readBuffer()
        version = try reader.readInt32()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeBuffer(data)
        writer.writeInt32(version)
    }
}
