public import Wire

/// The first frame of a server, without a header: the session, or that it is over.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ConnectResponse), 37 or 36 bytes:
/// ```
/// int protocolVersion | int timeOut | long sessionId | buffer passwd | bool readOnly
/// ```
public struct ConnectResponse: Record {
    /// Always 0.
    public var protocolVersion: Int32
    /// The timeout granted; 0 or less means that the session is over or the password wrong.
    public var timeoutMilliseconds: Int32
    /// The session, 0 when refused.
    public var sessionID: Int64
    /// 16 bytes, all zero when refused; null reads as empty.
    public var password: [UInt8]
    /// True when the server is read-only now; nil when not sent, as to clients that did not send theirs.
    public var readOnly: Bool?

    /// True when the session to go on with is over, or the password is wrong.
    public var isRefusal: Bool { timeoutMilliseconds <= 0 }

    /// The answer to a client whose session is over or whose password is wrong.
    ///
    /// - Parameter readOnly: As in the answer to a session that is granted.
    /// - Returns: Timeout, session and password all zero.
    public static func refusal(readOnly: Bool?) -> ConnectResponse {
        ConnectResponse(
            timeoutMilliseconds: 0,
            sessionID: 0,
            password: Array(repeating: 0, count: Limits.passwordBytes),
            readOnly: readOnly
        )
    }

    /// Creates the record; nothing is checked here.
    public init(
        protocolVersion: Int32 = 0,
        timeoutMilliseconds: Int32,
        sessionID: Int64,
        password: [UInt8],
        readOnly: Bool?
    ) {
        (self.protocolVersion, self.timeoutMilliseconds) = (protocolVersion, timeoutMilliseconds)
        (self.sessionID, self.password, self.readOnly) = (sessionID, password, readOnly)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        protocolVersion = try reader.readInt32()
        timeoutMilliseconds = try reader.readInt32()
        sessionID = try reader.readInt64()
        password = try reader.readBuffer() ?? []
        readOnly = reader.remaining > 0 ? try reader.readBool() : nil
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(protocolVersion)
        writer.writeInt32(timeoutMilliseconds)
        writer.writeInt64(sessionID)
        writer.writeBuffer(password)
        if let readOnly { writer.writeBool(readOnly) }
    }
}
