public import Wire

/// Tells a client that something it watches changed; carries neither data nor zxid.
///
/// Wire format, after a reply header of (-1, -1, 0) (ZooKeeper 3.8 zookeeper.jute, WatcherEvent):
/// ```
/// int type | int state | string path
/// ```
public struct WatchEvent: Record, Hashable {
    /// What changed (ZooKeeper 3.8 Watcher.Event.EventType, those that go over the wire).
    public enum Kind: Int32, CaseIterable, Sendable {
        /// The znode is there now.
        case nodeCreated = 1
        /// The znode is gone.
        case nodeDeleted = 2
        /// Its data were replaced.
        case nodeDataChanged = 3
        /// A child came or went.
        case nodeChildrenChanged = 4
    }

    /// The connection's state (ZooKeeper 3.8 Watcher.Event.KeeperState, those of a server).
    public enum ConnectionState: Int32, CaseIterable, Sendable {
        /// The usual one.
        case syncConnected = 3
        /// The server is cut off from its ensemble and only reads.
        case connectedReadOnly = 5
    }

    /// What changed.
    public var type: Kind
    /// The connection's state when the event was made.
    public var state: ConnectionState
    /// Path of the znode that changed; for a recursive watch perhaps below the one watched.
    public var path: String

    /// Creates the record; nothing is checked here.
    public init(_ type: Kind, path: String, state: ConnectionState = .syncConnected) {
        (self.type, self.state, self.path) = (type, state, path)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        type = try reader.readEnum()
        state = try reader.readEnum()
        path = try reader.readString()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(type.rawValue)
        writer.writeInt32(state.rawValue)
        writer.writeString(path)
    }
}
