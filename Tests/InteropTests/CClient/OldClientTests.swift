import TestSupport
import Testing

/// Clients of ZooKeeper 3.3 and 3.4, as they speak on the wire.
@Suite(.timeLimit(.minutes(3))) struct OldClientTests {
    @Test(.needs(.kazoo, .zooKeeperServer))
    func `A1.10 handshakes of 44 bytes and frames in pieces are answered as by ZooKeeper`()
        async throws
    {
        let pair = try await SideBySide()
        let lines = try await pair.sameLines { address in
            [Peer.python, "-B", Checkout.script("oldclients.py"), address]
        }
        for line in [
            "3.3, 44 bytes -> 36 bytes, version 0, timeout 2000, session True, password of 16, rest -",
            "wish 1 -> timeout 400", "wish 3600000 -> timeout 4000",
            "from the future -> closed",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }

    /// kazoo 2.6.0 of 2018; the places of the recipes, watchers and sessions in the tree differ.
    @Test(.needs(.dubboPython, .zooKeeperServer))
    func `a kazoo of 3.4's days finds no difference to ZooKeeper`() async throws {
        let pair = try await SideBySide()
        for script in ["recipes.py", "watching.py", "sessions.py"] {
            try await pair.sameLines { address in
                [Peer.dubboPythonPython, "-B", Checkout.script(script), address]
            }
        }
        await pair.stop()
    }
}
