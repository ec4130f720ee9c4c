import Foundation
import Glibc
import Runtime
import TestSupport

/// Three of Debian's ZooKeeper 3.8 as one ensemble, on free ports of loopback.
///
/// As Debian starts them: ticks of 2 s, and each write on the disk before it is agreed to.
final class ZooKeeperEnsemble: Sendable {
    /// All three, as clients take it.
    let connectString: String
    private let programs: [Program]
    private let directory: TemporaryDirectory

    /// Starts them; they agree on a leader some time later, and serve from then on.
    ///
    /// - Throws: When they cannot be started.
    init() throws {
        directory = try TemporaryDirectory()
        var ports: Set<UInt16> = []
        while ports.count < 9 { ports.insert(try ZooKeeperPeer.freePort()) }
        let all = Array(ports)
        let (clients, quorum, election) = (all[0..<3], Array(all[3..<6]), Array(all[6..<9]))
        let lines = (0..<3).map { "server.\($0 + 1)=127.0.0.1:\(quorum[$0]):\(election[$0])" }
        var programs: [Program] = []
        for (index, port) in clients.enumerated() {
            let folder = "\(directory.path)/\(index + 1)"
            let manager = FileManager.default
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: false)
            _ = try directory.write("\(index + 1)/myid", "\(index + 1)\n")
            let file = try directory.write(
                "zk\(index + 1).cfg",
                """
                tickTime=2000
                initLimit=10
                syncLimit=5
                dataDir=\(folder)
                clientPort=\(port)
                clientPortAddress=127.0.0.1
                admin.enableServer=false
                \(lines.joined(separator: "\n"))

                """
            )
            programs.append(
                try Program([
                    "java", "-cp", "/usr/share/java/zookeeper.jar",
                    "org.apache.zookeeper.server.quorum.QuorumPeerMain", file,
                ])
            )
        }
        self.programs = programs
        connectString = clients.map { "127.0.0.1:\($0)" }.joined(separator: ",")
    }

    /// Ends them and waits for that.
    func stop() async {
        for program in programs { program.signal(SIGKILL) }
        for program in programs { _ = await program.wait() }
    }
}
