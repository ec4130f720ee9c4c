import Glibc
import Runtime
import Synchronization

/// Connections to a server on loopback whose bytes the kernel counts.
final class MeteredConnection: Sendable {
    private let port: UInt16
    private let descriptor = Mutex<Int32>(-1)

    /// - Parameter address: On 127.0.0.1.
    init(_ address: SocketAddress) { port = address.port }

    /// A connected descriptor, for whoever asks to close.
    ///
    /// - Throws: `BenchmarkFailure` when nobody listens.
    func connect() throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: an address of that size outlives the call, which only reads it.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, size)
            }
        }
        guard result == 0 else {
            close(socket)
            throw BenchmarkFailure("connection to port \(port): errno \(errno)")
        }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        descriptor.withLock { $0 = socket }
        return socket
    }

    /// Ends the newest connection as a lost one ends.
    func cut() { descriptor.withLock { _ = shutdown($0, Int32(SHUT_RDWR)) } }

    /// Bytes that the newest connection got and that it sent, as `tcp_info` has them (linux/tcp.h).
    var bytes: (received: Int, sent: Int) {
        var info = [UInt64](repeating: 0, count: Self.infoWords)
        var size = socklen_t(Self.infoWords * 8)
        let socket = descriptor.withLock { $0 }
        // SAFETY: the call writes no more than `size` bytes, which the array has.
        _ = unsafe getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &info, &size)
        return (Int(info[Self.receivedWord]), Int(info[Self.sentWord]))
    }

    private static let infoWords = 32
    /// `tcpi_bytes_acked` stands at byte 120, `tcpi_bytes_received` at byte 128.
    private static let sentWord = 15
    private static let receivedWord = 16
}
