public import Wire

/// The first frame of a client, without a header: asks for a session, or to go on with one.
///
/// Clients older than 3.4 leave the last byte out; nothing else tells them apart.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ConnectRequest), 45 or 44 bytes:
/// ```
/// int protocolVersion | long lastZxidSeen | int timeOut | long sessionId | buffer passwd | bool readOnly
/// ```
public struct ConnectRequest: Record {
    /// Always 0; servers do not look at it.
    public var protocolVersion: Int32
    /// Highest zxid that this client has seen, 0 for none.
    public var lastZxidSeen: Int64
    /// The session timeout it wishes for.
    public var timeoutMilliseconds: Int32
    /// The session to go on with, 0 for a new one.
    public var sessionID: Int64
    /// The session's password, 16 zero bytes for a new one; null reads as empty.
    public var password: [UInt8]
    /// True when a read-only server will do; nil when the client is too old to know of those.
    public var readOnly: Bool?

    /// Asks for a new session.
    public init(timeoutMilliseconds: Int32) {
        self.init(
            lastZxidSeen: 0,
            timeoutMilliseconds: timeoutMilliseconds,
            sessionID: 0,
            password: Array(repeating: 0, count: Limits.passwordBytes)
        )
    }

    /// Creates the record; nothing is checked here.
    public init(
        protocolVersion: Int32 = 0,
        lastZxidSeen: Int64,
        timeoutMilliseconds: Int32,
        sessionID: Int64,
        password: [UInt8],
        readOnly: Bool? = false
    ) {
        (self.protocolVersion, self.lastZxidSeen) = (protocolVersion, lastZxidSeen)
        (self.timeoutMilliseconds, self.sessionID) = (timeoutMilliseconds, sessionID)
        (self.password, self.readOnly) = (password, readOnly)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        protocolVersion = try reader.readInt32()
        lastZxidSeen = try reader.readInt64()
        timeoutMilliseconds = try reader.readInt32()
        sessionID = try reader.readInt64()
        password = try reader.readBuffer() ?? []
        readOnly = reader.remaining > 0 ? try reader.readBool() : nil
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(protocolVersion)
        writer.writeInt64(lastZxidSeen)
        writer.writeInt32(timeoutMilliseconds)
        writer.writeInt64(sessionID)
        writer.writeBuffer(password)
        if let readOnly { writer.writeBool(readOnly) }
    }
}
