public import Wire

/// Sets a watch that is not used up by firing.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, AddWatchRequest):
/// ```
/// string path | int mode
/// ```
public struct AddWatchRequest: Record {
    /// How far the watch reaches (ZooKeeper 3.8 AddWatchMode).
    public enum Mode: Int32, CaseIterable, Sendable {
        /// The znode's data and its children.
        case persistent = 0
        /// The znode and all of its descendants; never tells of NodeChildrenChanged.
        case persistentRecursive = 1
    }

    /// Absolute path; need not exist.
    public var path: String
    /// How far the watch reaches.
    public var mode: Mode

    /// Creates the record; nothing is checked here.
    public init(path: String, mode: Mode) { (self.path, self.mode) = (path, mode) }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value, an unknown mode included.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        mode = try reader.readEnum()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeInt32(mode.rawValue)
    }
}
