import Glibc
import Runtime
import Testing

/// A connection that sends text and reads until it has seen enough; every wait is bounded.
final class HTTPClient {
    private var stream: StreamSocket
    private static let limits = StreamLimits(inboundBytesMax: 1 << 24, outboundBytesMax: 1 << 24)

    init(_ address: SocketAddress) throws {
        stream = try StreamSocket.connect(to: address, limits: Self.limits)
    }

    init(controlSocket path: String) throws {
        stream = try StreamSocket.connect(toUnixPath: path, limits: Self.limits)
    }

    /// Sends all of it, or what the server takes before it closes.
    func send(_ text: String) {
        guard stream.send(Array(text.utf8)) else { return }
        while stream.flush() == .pending { guard wait(POLLOUT) else { return } }
    }

    /// What is received up to the given text, with it, or up to the end; at most 10 seconds long.
    func read(through end: String) -> String {
        while true {
            let text = received
            if let range = text.firstRange(of: end) {
                let taken = String(text[..<range.upperBound])
                stream.consume(taken.utf8.count)
                return taken
            }
            switch stream.fill() {
            case .received: continue
            case .wouldBlock: guard wait(POLLIN) else { return text }
            case .full, .end, .failed: return text
            }
        }
    }

    /// One whole answer with a Content-Length.
    func answer() -> (head: String, body: String) {
        let head = read(through: "\r\n\r\n")
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        let count = line.flatMap { Int($0.dropFirst(16)) } ?? 0
        while stream.inboundCount < count {
            switch stream.fill() {
            case .received: continue
            case .wouldBlock: if !wait(POLLIN) { return (head, received) }
            case .full, .end, .failed: return (head, received)
            }
        }
        var bytes: [UInt8] = []
        for index in 0..<count { bytes.append(stream.inbound[index]) }
        stream.consume(count)
        return (head, String(decoding: bytes, as: UTF8.self))
    }

    /// One request on this connection.
    func get(
        _ target: String,
        fields: String = "Host: localhost\r\n"
    ) -> (head: String, body: String) {
        send("GET \(target) HTTP/1.1\r\n\(fields)\r\n")
        return answer()
    }

    private var received: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(stream.inboundCount)
        for index in 0..<stream.inboundCount { bytes.append(stream.inbound[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func wait(_ what: Int32) -> Bool {
        var entry = pollfd(fd: stream.descriptor, events: Int16(what), revents: 0)
        return unsafe poll(&entry, 1, 10_000) == 1
    }
}
