import DNSProtocol
import Runtime
import TestSupport

/// A TCP client of the tests that sends bytes and collects whole messages, for a bounded time.
final class StreamClient {
    private var socket: StreamSocket
    /// The server has closed.
    private(set) var isClosed = false

    init(to address: SocketAddress) throws {
        let limits = StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 1 << 20)
        socket = try .connect(to: address, limits: limits)
    }

    /// Leaves bytes to be written while answers are read.
    func queue(_ bytes: [UInt8]) { precondition(socket.send(bytes), "the test sends too much") }

    /// Hands all bytes to the kernel.
    func send(_ bytes: [UInt8]) async throws {
        queue(bytes)
        guard await eventually({ socket.flush() == .done }) else { throw DNSError(.truncated) }
    }

    func shutdownWrite() { socket.shutdownWrite() }

    /// The next messages: that many, or fewer if the server closes before.
    func receive(_ count: Int) async throws -> [Message] {
        var messages: [Message] = []
        _ = try await eventually {
            while messages.count < count {
                _ = socket.flush()
                if let message = try next() {
                    messages.append(message)
                    continue
                }
                switch socket.fill() {
                case .received, .full: continue
                case .wouldBlock: return false
                case .end, .failed:
                    isClosed = true
                    return true
                }
            }
            return true
        }
        return messages
    }

    private func next() throws -> Message? {
        guard let bytes = Self.frame(socket) else { return nil }
        socket.consume(2 + bytes.count)
        return try Message(bytes)
    }

    private static func frame(_ socket: borrowing StreamSocket) -> [UInt8]? {
        let inbound = socket.inbound
        guard inbound.count >= 2 else { return nil }
        let end = 2 + Int(inbound[0]) << 8 + Int(inbound[1])
        guard inbound.count >= end else { return nil }
        var bytes: [UInt8] = []
        for index in 2..<end { bytes.append(inbound[index]) }
        return bytes
    }
}
