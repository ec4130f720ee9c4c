import Runtime
import ServiceModel
import TestSupport
import Wire
import ZooKeeperProtocol

/// A client that speaks raw frames over a real socket, and waits a bounded time for what it expects.
final class Wireman {
    private var socket: StreamSocket
    private var arrived: [UInt8] = []
    private var isOver = false

    private static let limits = StreamLimits(inboundBytesMax: 1 << 26, outboundBytesMax: 1 << 26)

    init(to address: SocketAddress) throws {
        socket = try StreamSocket.connect(to: address, limits: Self.limits)
    }

    init(descriptor: Int32) throws {
        socket = try StreamSocket(descriptor: descriptor, limits: Self.limits)
    }

    func hangUp() { socket.close() }

    func write(_ bytes: [UInt8]) async throws {
        guard socket.send(bytes) else { throw WiremanError.refused }
        let isDone = await eventually {
            take()
            return socket.flush() == .done
        }
        guard isDone else { throw WiremanError.stuck }
    }

    func send(_ request: Request, xid: Int32 = 1) async throws {
        try await write(ServerBench.frame(request, xid: xid))
    }

    @discardableResult
    func handshake(timeoutMilliseconds: Int32 = 40_000) async throws -> ConnectResponse? {
        try await write(
            ServerBench.frame(ConnectRequest(timeoutMilliseconds: timeoutMilliseconds))
        )
        return try await frame().flatMap(ServerBench.response)
    }

    /// The next reply or event; nil at the end of the stream.
    func next() async throws -> Message? { try await frame().map(Message.init) }

    func ask(_ request: Request) async throws -> Message? {
        try await send(request)
        return try await next()
    }

    /// True when the server has closed and nothing is left to read.
    func isAtEnd() async -> Bool {
        await eventually {
            take()
            return isOver && arrived.isEmpty
        }
    }

    /// Everything until the server closes.
    func readAll() async -> [UInt8] {
        _ = await eventually {
            take()
            return isOver
        }
        return arrived
    }

    private func frame() async throws -> [UInt8]? {
        var length: Int?
        let isThere = try await eventually {
            take()
            length = try Self.frameLength(arrived)
            return length != nil || isOver
        }
        guard isThere else { throw WiremanError.silent }
        guard let length else { return nil }
        defer { arrived.removeFirst(4 + length) }
        return Array(arrived[4..<4 + length])
    }

    private static func frameLength(_ bytes: [UInt8]) throws -> Int? {
        try FrameDecoder.frameLength(in: bytes.span, 1 << 26)
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] { bytes.indices.map { bytes[$0] } }

    /// Whatever has come by now.
    private func take() {
        while !isOver {
            switch socket.fill() {
            case .received(let count):
                arrived += Self.copy(socket.inbound)
                socket.consume(count)
            case .wouldBlock, .full: return
            case .end, .failed: isOver = true
            }
        }
    }
}

enum WiremanError: Error {
    case refused
    case stuck
    case silent
}
