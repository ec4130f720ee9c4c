public import Wire

/// Adds a credential to the connection; sent with `XID.auth`.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, AuthPacket):
/// ```
/// int type | string scheme | buffer auth
/// ```
public struct AuthPacket: Record {
    /// 0.
    public var type: Int32
    /// `digest`, `ip` or what else the server knows; null is read as empty, which no server knows either.
    public var scheme: String
    /// The scheme's secret; for digest `user:password`.
    public var credential: [UInt8]?

    /// Creates the record; nothing is checked here.
    public init(type: Int32, scheme: String, credential: [UInt8]?) {
        (self.type, self.scheme, self.credential) = (type, scheme, credential)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        type = try reader.readInt32()
        scheme = try reader.readOptionalString() ?? ""
        credential = try reader.readBuffer()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(type)
        writer.writeString(scheme)
        writer.writeBuffer(credential)
    }
}
