public import Wire

/// Numbers that stand in a header's `xid` for something else than an ordinary request.
public enum XID {
    /// A watch event, server to client.
    public static let event: Int32 = -1
    /// A ping and its reply.
    public static let ping: Int32 = -2
    /// An auth packet and its reply.
    public static let auth: Int32 = -4
    /// setWatches, setWatches2 and their replies; the Java client counts them as ordinary requests.
    public static let setWatches: Int32 = -8
}

/// Stands before every request but the first.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, RequestHeader):
/// ```
/// int xid | int type
/// ```
public struct RequestHeader: Record {
    /// Chosen by the client and echoed in the reply; see `XID` for the special ones.
    public var xid: Int32
    /// The operation's number, known or not.
    public var type: Int32

    /// Creates the header of a request.
    public init(xid: Int32, opCode: OpCode) { (self.xid, type) = (xid, opCode.rawValue) }

    /// The operation, or nil when its number is unknown.
    public var opCode: OpCode? { OpCode(rawValue: type) }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` when the bytes end too early.
    public init(from reader: inout ByteReader) throws(WireError) {
        xid = try reader.readInt32()
        type = try reader.readInt32()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(xid)
        writer.writeInt32(type)
    }
}

/// Stands before every response and event but the answer to the first request.
///
/// The response follows only when `error` is `.ok`.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ReplyHeader):
/// ```
/// int xid | long zxid | int err
/// ```
public struct ReplyHeader: Record {
    /// The request's xid, or `XID.event`.
    public var xid: Int32
    /// zxid of the write, or the last one the read could see; -1 for events.
    public var zxid: Int64
    /// How the operation ended.
    public var error: ErrorCode

    /// Creates the header of a reply.
    public init(xid: Int32, zxid: Int64, error: ErrorCode = .ok) {
        (self.xid, self.zxid, self.error) = (xid, zxid, error)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` when the bytes end too early.
    public init(from reader: inout ByteReader) throws(WireError) {
        xid = try reader.readInt32()
        zxid = try reader.readInt64()
        error = ErrorCode(rawValue: try reader.readInt32())
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt32(xid)
        writer.writeInt64(zxid)
        writer.writeInt32(error.rawValue)
    }
}
