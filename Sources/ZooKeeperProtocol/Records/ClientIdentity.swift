public import Wire

/// One of a connection's identities, as whoAmI lists them.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ClientInfo):
/// ```
/// string authScheme | string user
/// ```
public struct ClientIdentity: Record, Hashable {
    /// `ip`, `digest` or what else the server knows.
    public var scheme: String
    /// The identity without its secret: a user's name, an address.
    public var user: String

    /// Creates the record; nothing is checked here.
    public init(scheme: String, user: String) { (self.scheme, self.user) = (scheme, user) }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        scheme = try reader.readString()
        user = try reader.readString()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(scheme)
        writer.writeString(user)
    }
}
