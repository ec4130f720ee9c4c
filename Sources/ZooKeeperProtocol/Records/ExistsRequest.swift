public import Wire

/// Reads a znode's Stat, and optionally asks to be told of its next change or creation.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ExistsRequest):
/// ```
/// string path | bool watch
/// ```
public struct ExistsRequest: Record {
    /// Absolute path; the server checks its form.
    public var path: String
    /// Registers a one-shot data watch, whether the znode exists or not.
    public var watch: Bool

    /// Creates the record; nothing is checked here.
    public init(path: String, watch: Bool) {
        (self.path, self.watch) = (path, watch)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        watch = try reader.readBool()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeBool(watch)
    }
}
