import Foundation
import Wire
import ZooKeeperProtocol

/// A client of the real protocol that blocks, so that a test knows what was sent and what was answered.
///
/// Owner: one thread. Nothing is sent again, and nothing by itself.
final class BlockingClient {
    /// One answer, as it stood on the wire.
    struct Reply {
        let xid: Int32
        let zxid: Int64
        let outcome: Result<Response, ErrorCode>
    }

    /// The server does not answer although the connection stands.
    struct Silence: Error {}

    private let socket: Int32
    private var arrived: [UInt8] = []
    private var sent: [(xid: Int32, opCode: OpCode)] = []
    private var answered = 0
    private var xid: Int32 = 0

    /// Connects; nil when nobody listens.
    init?(port: UInt16) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        peer.sin_port = port.bigEndian
        // SAFETY: the pointer lives for the call only, and the length is the struct's.
        let connected = unsafe withUnsafePointer(to: &peer) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        var (patience, isOn) = (timeval(tv_sec: 20, tv_usec: 0), Int32(1))
        // SAFETY: both pointers live for the calls only, and the lengths are those of their types.
        unsafe setsockopt(
            socket,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
        unsafe setsockopt(
            socket,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &isOn,
            socklen_t(MemoryLayout<Int32>.size)
        )
        guard connected else { return nil }
    }

    deinit { close(socket) }

    /// Opens a session, or takes one over.
    ///
    /// - Returns: Nil when the connection ended instead.
    func handshake(_ request: ConnectRequest) throws -> ConnectResponse? {
        var writer = ByteWriter()
        FrameWriter.append(request, to: &writer)
        guard write(writer.bytes), let frame = try frame() else { return nil }
        var reader = ByteReader(frame.span)
        return try ConnectResponse(from: &reader)
    }

    /// Sends requests in one go.
    ///
    /// - Returns: False when the connection has ended; some of them may have gone out all the same.
    @discardableResult
    func send(_ requests: [Request]) -> Bool {
        var writer = ByteWriter()
        for request in requests {
            xid += 1
            sent.append((xid, request.opCode))
            FrameWriter.append(request, xid: xid, to: &writer)
        }
        return write(writer.bytes)
    }

    /// The answer to the oldest open request; nil when the connection ended instead.
    func receive() throws -> Reply? {
        guard let frame = try frame() else { return nil }
        let (xid, opCode) = sent[answered]
        answered += 1
        var reader = ByteReader(frame.span)
        let header = try ReplyHeader(from: &reader)
        guard header.xid == xid else { throw WireError(.badValue(Int(header.xid)), at: 0) }
        guard header.error == .ok || opCode == .multi else {
            return Reply(xid: xid, zxid: header.zxid, outcome: .failure(header.error))
        }
        let response = try Response.decode(opCode, from: &reader)
        return Reply(xid: xid, zxid: header.zxid, outcome: .success(response))
    }

    /// Sends requests and waits for all their answers; nil when the connection ended before.
    func ask(_ requests: [Request]) throws -> [Reply]? {
        send(requests)
        var replies: [Reply] = []
        while replies.count < requests.count {
            guard let reply = try receive() else { return nil }
            replies.append(reply)
        }
        return replies
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives for the call, and the count is its own.
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    socket,
                    buffer.baseAddress,
                    buffer.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func frame() throws -> [UInt8]? {
        while true {
            if let length = try Self.frameLength(arrived) {
                defer { arrived.removeFirst(4 + length) }
                return Array(arrived[4..<4 + length])
            }
            var failure: Int32 = 0
            // SAFETY: the kernel writes at most as many bytes as the buffer has.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
                let count = unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
                failure = count < 0 ? errno : 0
                filled = max(0, count)
            }
            if failure == EAGAIN { throw Silence() }
            guard !bytes.isEmpty else { return nil }
            arrived += bytes
        }
    }

    private static func frameLength(_ bytes: [UInt8]) throws -> Int? {
        try FrameDecoder.frameLength(in: bytes.span, frameBytesMax)
    }

    private static let frameBytesMax = 64 << 20
}
