public import Wire

/// Appends whole frames, each behind its length, to bytes that go to a socket as they are.
///
/// Wire format (ZooKeeper 3.8 NIOServerCnxn):
/// ```
/// int length | header | body
/// ```
/// The length is filled in last, so that nothing is encoded twice or copied. One of 2 GiB and more is
/// written as the largest there is, at which every client closes the connection.
public enum FrameWriter {
    /// Appends a frame with a record and no header, as in the handshake.
    public static func append(_ record: some Record, to writer: inout ByteWriter) {
        frame(in: &writer) { record.encode(into: &$0) }
    }

    /// Appends a request.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - xid: The client's count; not used for requests that have a fixed one.
    ///   - writer: Where the frame goes.
    public static func append(_ request: Request, xid: Int32, to writer: inout ByteWriter) {
        frame(in: &writer) { writer in
            RequestHeader(xid: request.fixedXID ?? xid, opCode: request.opCode)
                .encode(into: &writer)
            request.encode(into: &writer)
        }
    }

    /// Appends the reply to a request that succeeded.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - xid: The request's.
    ///   - zxid: Of the write, or the last one that the read could see.
    ///   - writer: Where the frame goes.
    public static func append(
        _ response: Response,
        xid: Int32,
        zxid: Int64,
        to writer: inout ByteWriter
    ) {
        frame(in: &writer) { writer in
            ReplyHeader(xid: xid, zxid: zxid).encode(into: &writer)
            response.encode(into: &writer)
        }
    }

    /// Appends the reply to a request that failed, a bare header.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - xid: The request's.
    ///   - zxid: The last one that the request could see.
    ///   - writer: Where the frame goes.
    public static func append(
        _ error: ErrorCode,
        xid: Int32,
        zxid: Int64,
        to writer: inout ByteWriter
    ) {
        append(ReplyHeader(xid: xid, zxid: zxid, error: error), to: &writer)
    }

    /// Appends what stands before the body of a reply to a request that succeeded.
    ///
    /// - Parameters:
    ///   - xid: The request's.
    ///   - zxid: Of the write, or the last one that the read could see.
    ///   - bodyBytes: How many bytes of the frame follow.
    ///   - writer: Where the frame starts.
    public static func appendHead(
        xid: Int32,
        zxid: Int64,
        bodyBytes: Int,
        to writer: inout ByteWriter
    ) {
        let start = writer.count
        append(ReplyHeader(xid: xid, zxid: zxid), to: &writer)
        let length = writer.count - start - Limits.frameLengthBytes + bodyBytes
        writer.patchInt32(Int32(clamping: length), at: start)
    }

    /// Appends a watch event.
    public static func append(_ event: WatchEvent, to writer: inout ByteWriter) {
        frame(in: &writer) { writer in
            ReplyHeader(xid: XID.event, zxid: -1).encode(into: &writer)
            event.encode(into: &writer)
        }
    }

    private static func frame(in writer: inout ByteWriter, _ body: (inout ByteWriter) -> Void) {
        let start = writer.count
        writer.writeInt32(0)
        body(&writer)
        let length = writer.count - start - Limits.frameLengthBytes
        writer.patchInt32(Int32(clamping: length), at: start)
    }
}
