import Foundation
import Runtime
import TestSupport

/// Debian's ZooKeeper 3.8 in stand-alone mode, on a free port.
final class ZooKeeperPeer: Sendable {
    let address: SocketAddress
    /// Its process id.
    var id: Int32 { program.id }
    private let program: Program
    private let directory: TemporaryDirectory

    /// Starts it; it listens some time later.
    ///
    /// - Parameter directory: Its data; a fresh one when nil.
    /// - Throws: When it cannot be started.
    init(in directory: TemporaryDirectory? = nil) async throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        let port = try Self.freePort()
        let file = try directory.write(
            "zoo.cfg",
            """
            tickTime=2000
            dataDir=\(directory.path)/data
            clientPort=\(port)
            clientPortAddress=127.0.0.1
            maxClientCnxns=0
            admin.enableServer=false

            """
        )
        program = try Program([
            "java", "-cp", "/usr/share/java/zookeeper.jar",
            "org.apache.zookeeper.server.ZooKeeperServerMain", file,
        ])
        address = .loopback(port)
    }

    /// Ends it and waits for that.
    func stop() async {
        program.signal(SIGKILL)
        _ = await program.wait()
    }

    /// A port that nobody listens at, below those that the kernel gives to clients.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_000)
            if (try? ListenSocket(on: .loopback(port))) != nil { return port }
        }
        throw BenchmarkFailure("no free port in 100 tries")
    }
}
