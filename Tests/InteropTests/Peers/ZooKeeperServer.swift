import Foundation
import TestSupport
import Testing

/// Debian's ZooKeeper 3.8 in stand-alone mode, on a free port, in a directory of its own.
final class ZooKeeperServer: Sendable {
    let program: Program
    /// `127.0.0.1:port`.
    let address: String
    private let directory: TemporaryDirectory

    /// Starts the server and waits until it serves (`ruok` is answered earlier).
    ///
    /// One that was killed `earlier` hands its address and data down.
    init(
        after earlier: ZooKeeperServer? = nil,
        tickMilliseconds: Int = 2_000,
        javaProperties: [String] = [],
        words: String = "*"
    ) async throws {
        directory = try earlier?.directory ?? TemporaryDirectory()
        let former = earlier?.address.split(separator: ":").last.flatMap { UInt16($0) }
        let port = try former ?? Self.freePort()
        let file = try directory.write(
            "zoo.cfg",
            """
            tickTime=\(tickMilliseconds)
            dataDir=\(directory.path)/data
            clientPort=\(port)
            clientPortAddress=127.0.0.1
            admin.enableServer=false
            4lw.commands.whitelist=\(words)

            """
        )
        program = try Program(
            // Passwords are bytes to it, and this says which.
            ["java", "-Dfile.encoding=UTF-8", "-cp", "/usr/share/java/zookeeper.jar"]
                + javaProperties.map { "-D" + $0 }
                + ["org.apache.zookeeper.server.ZooKeeperServerMain", file]
        )
        address = "127.0.0.1:\(port)"
        let answers = await eventually(within: .seconds(60)) { [address] in
            // A server that is still starting takes the connection and may never answer on it.
            FourLetterWord.ask(address, "srvr", seconds: 1)?.contains("Mode: ") == true
        }
        try #require(answers, "ZooKeeper did not start: \(program.output) \(program.errors)")
    }

    deinit { program.signal(SIGKILL) }

    /// A port that was free a moment ago, below those that the kernel gives to clients.
    ///
    /// Among those, a client that asks before the server listens can be given the very port it asks
    /// for, and is then connected with itself.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_000)
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            address.sin_port = port.bigEndian
            // SAFETY: the pointer lives for the call only, and the length is the struct's.
            let isFree = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
        return try #require(nil as UInt16?, "no free port in 100 tries")
    }
}

/// ZooKeeper's four-letter words, asked over a plain connection.
enum FourLetterWord {
    /// The answer's text, nil when nobody answers, and what came of it when the time is over.
    static func ask(_ address: String, _ word: String, seconds: Int = 5) -> String? {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_addr.s_addr = unsafe inet_addr(String(parts[0]))
        peer.sin_port = port.bigEndian
        // SAFETY: the pointer lives for the call only, and the length is the struct's.
        let connected = unsafe withUnsafePointer(to: &peer) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return nil }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        // SAFETY: the pointer lives for the call only, and the length is the struct's.
        _ = unsafe setsockopt(
            socket,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        let bytes = Array(word.utf8)
        // SAFETY: the array lives through the call, and the length is its own.
        let sent = unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        // The server may have been killed since it took the connection.
        guard sent == bytes.count else { return nil }
        let handle = FileHandle(fileDescriptor: socket, closeOnDealloc: false)
        let answer = (try? handle.readToEnd()) ?? Data()
        return String(decoding: answer, as: UTF8.self)
    }
}
