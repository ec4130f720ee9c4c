public import ZooKeeperProtocol

/// Where a session stands.
public enum SessionState: Hashable, Sendable {
    /// No server has accepted the session yet.
    case connecting
    /// A server has; when `resumed` is false the session is new and has neither watches nor ephemerals.
    case connected(sessionID: Int64, resumed: Bool)
    /// A server has that is cut off from its ensemble: it reads, and refuses writes as `.notReadOnly`.
    ///
    /// Only where the configuration allows it. A session that begins so is no more than a connection: the
    /// next server makes another one, with the watches, and `resumed` is false then.
    case connectedReadOnly(sessionID: Int64, resumed: Bool)
    /// The connection is lost; the session, its ephemerals and watches may live on at the server.
    case suspended
    /// The server has ended the session; a new one is made next, its watches are for the user to add.
    case expired
    /// Closed from this side; nothing follows.
    case closed
    /// A credential was refused; nothing follows.
    case authFailed
}

/// One thing that happened to a session, in the order of the wire.
public enum SessionEvent: Equatable, Sendable {
    /// The session's state changed.
    case state(SessionState)
    /// A watch fired; comes before any reply that shows the change.
    case watch(WatchEvent)
    /// The end of a submitted request, each once; zxid is 0 when no server answered.
    ///
    /// A failed multi is a success here, as on the wire: its results have the codes.
    case reply(tag: UInt64, Result<Response, ZooKeeperError>, zxid: Int64)
}

/// What a later process needs to take a session over.
public struct SessionIdentity: Equatable, Sendable {
    /// The server's number for the session, not 0.
    public let sessionID: Int64
    /// The session's secret, 16 bytes.
    public let password: [UInt8]

    /// Creates the pair.
    public init(sessionID: Int64, password: [UInt8]) {
        (self.sessionID, self.password) = (sessionID, password)
    }
}
