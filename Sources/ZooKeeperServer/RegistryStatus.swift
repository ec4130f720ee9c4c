public import Runtime

/// The registry at a glance, for status pages and metrics.
public struct RegistryStatus: Equatable, Sendable {
    /// Where it listens; nil for no listener.
    public var address: SocketAddress?
    /// zxid of the last change.
    public var zxid: Int64 = 0
    /// Sessions alive.
    public var sessions = 0
    /// Connections, those without a session included.
    public var connections = 0
    /// Nodes, the built-in ones included.
    public var znodes = 0
    /// Nodes that go with their sessions.
    public var ephemerals = 0
    /// Watches set.
    public var watches = 0
    /// Bytes of all data and paths.
    public var dataBytes = 0
    /// Requests received since the start.
    public var received = 0
    /// Replies and events sent since the start.
    public var sent = 0
    /// Sessions that expired since the start.
    public var expired = 0
    /// Changes that went beyond a quota since the start, refused or not.
    public var quotaExcesses = 0
    /// Containers and TTL nodes that went by themselves since the start.
    public var reaped = 0
}
