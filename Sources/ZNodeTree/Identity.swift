/// Who a connection has shown itself to be, in one scheme.
///
/// The shell makes these from addresses and credentials (a digest needs a hash, which this target cannot
/// compute); the tree only compares them with access lists.
public struct Identity: Hashable, Sendable {
    /// `ip`, `digest`, `super` or another scheme.
    public var scheme: String
    /// The identity in the scheme's own form: an address, `user:BASE64`.
    public var id: String

    /// Passes every access check (ZooKeeper 3.8 DigestAuthenticationProvider, superDigest).
    public static let superUser = Identity(scheme: "super", id: "")

    /// Creates an identity; nothing is checked here.
    public init(scheme: String, id: String) { (self.scheme, self.id) = (scheme, id) }
}

/// Who asks: on which connection, for which session, and as whom.
public struct Caller: Sendable {
    /// Gets the watches that the request sets.
    public var connection: ConnectionID
    /// Owns the ephemerals that the request makes.
    public var session: Int64
    /// What the access lists are compared with; everyone is `world:anyone` besides.
    public var identities: [Identity]

    /// Creates a caller.
    public init(connection: ConnectionID, session: Int64, identities: [Identity] = []) {
        (self.connection, self.session, self.identities) = (connection, session, identities)
    }
}
