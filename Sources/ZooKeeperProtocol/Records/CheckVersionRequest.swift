public import Wire

/// Compares a znode's version, so that a multi fails when it changed.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, CheckVersionRequest):
/// ```
/// string path | int version
/// ```
public struct CheckVersionRequest: Record {
    /// Absolute path; the server checks its form.
    public var path: String
    /// The expected version, -1 for any.
    public var version: Int32

    /// Creates the record; nothing is checked here.
    public init(path: String, version: Int32) {
        (self.path, self.version) = (path, version)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        version = try reader.readInt32()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeInt32(version)
    }
}
