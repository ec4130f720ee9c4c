public import Wire

/// Asks for watches, or takes them back: ops checkWatches and removeWatches.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, CheckWatchesRequest and RemoveWatchesRequest):
/// ```
/// string path | int type
/// ```
public struct WatcherRequest: Record {
    /// Which of a connection's watches on the path (ZooKeeper 3.8 Watcher.WatcherType).
    public enum Kind: Int32, CaseIterable, Sendable {
        /// Those set by getChildren, and the child half of persistent ones.
        case children = 1
        /// Those set by getData and exists, and the data half of persistent ones.
        case data = 2
        /// All of them.
        case any = 3
    }

    /// The path as it was given when the watch was set.
    public var path: String
    /// Which watches.
    public var type: Kind

    /// Creates the record; nothing is checked here.
    public init(path: String, type: Kind) { (self.path, self.type) = (path, type) }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value, an unknown type included.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        type = try reader.readEnum()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeInt32(type.rawValue)
    }
}
