/// Why an instance left, as far as it can be known.
public enum Departure: String, CaseIterable, Sendable {
    /// Its session was closed by its owner: a clean stop.
    case closed
    /// Its session expired: no heartbeat within the timeout.
    case expired
    /// Its znode was deleted while its session lived: deregistered by itself or by hand.
    case deleted
    /// Its znode now describes another instance.
    case replaced
    /// The registry does not say; always so on an ensemble.
    case unknown
}

/// What the embedded registry knows of a session, told to the aggregator before the znodes go.
public struct SessionFact: Equatable, Sendable {
    /// What happened to the session.
    public enum Kind: String, Sendable {
        /// Its connection broke; it lives until its timeout.
        case connectionLost
        /// It was resumed on a new connection.
        case connectionBack
        /// Its owner closed it.
        case closed
        /// Its timeout passed.
        case expired
    }

    /// The session's id.
    public let session: Int64
    /// What happened to it.
    public let kind: Kind
    /// For `closed` and `expired` the zxid that deletes its ephemerals, else the last applied one.
    public let zxid: Int64

    /// Creates a fact.
    public init(session: Int64, kind: Kind, zxid: Int64) {
        (self.session, self.kind, self.zxid) = (session, kind, zxid)
    }
}
