import Glibc
import ServiceModel

/// Asks one DNS server over UDP, one question at a time, blocking.
struct UDPClient: ~Copyable {
    /// Why a socket could not be had.
    struct Failure: Error { let call: String, code: Int32 }

    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1_500)
    /// Questions asked so far.
    private(set) var asked = 0

    /// Connects to an IPv4 address; an answer is waited for at most a second.
    init(to endpoint: Endpoint) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0, case .v4(let bits) = endpoint.address else {
            throw Failure(call: "socket", code: errno)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        address.sin_addr.s_addr = bits.bigEndian
        var wait = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // SAFETY: both calls read structures that outlive them, with their own sizes.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
    }

    deinit { close(descriptor) }

    /// Sends a question and looks at what comes back.
    ///
    /// - Parameters:
    ///   - question: A whole message without EDNS, one question.
    ///   - address: What the answer should be.
    /// - Returns: True when the answer is this one A record.
    mutating func ask(_ question: [UInt8], expecting address: UInt32) -> Bool {
        asked += 1
        // SAFETY: the kernel reads and writes within the arrays, whose counts it is given.
        guard unsafe send(descriptor, question, question.count, 0) == question.count else {
            return false
        }
        let length = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard length >= 16, buffer[0] == question[0], buffer[1] == question[1] else { return false }
        guard buffer[3] & 15 == 0, buffer[6] == 0, buffer[7] == 1 else { return false }
        return buffer[(length - 4)..<length].reduce(0) { $0 << 8 | UInt32($1) } == address
    }
}
