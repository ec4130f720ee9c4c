import Foundation
import TestSupport
import Testing

/// A daemon that may read an ensemble's tree and leave no trace in it.
@Suite(.timeLimit(.minutes(10))) struct ObserverTests {
    /// The last zxid that the server gave out, as `srvr` shows it.
    private func zxid(_ server: ZooKeeperServer) throws -> Int64 {
        let text = try #require(FourLetterWord.ask(server.address, "srvr"))
        let match = try #require(text.firstMatch(of: /Zxid: 0x([0-9a-f]+)/))
        return try #require(Int64(match.output.1, radix: 16))
    }

    private func children(_ server: ZooKeeperServer, of path: String) async throws -> [String] {
        let words = [Checkout.program("muster"), "znode", "ls", path, "--server", server.address]
        return try await Program.run(words).output.split(separator: "\n").map(String.init)
    }

    private func freshness(_ daemon: Daemon) async throws -> String {
        try await daemon.muster("status", "--json").output
    }

    @Test(.needs(.dig, .zooKeeperServer))
    func `between the opening and the closing of its session an observer writes nothing`()
        async throws
    {
        let server = try await ZooKeeperServer(tickMilliseconds: 200)
        let url = "dubbo://10.0.0.1:20880/com.example.Seen"
        let provider = try Program([
            Checkout.program("muster"), "register", url, "--server", server.address,
        ])
        #expect(await eventually { provider.output.contains("com.example.Seen") })
        let webhook = try await WebhookReceiver()
        let before = try zxid(server)
        let daemon = try await Daemon(settings: [
            "registry.connect=\(server.address)", "registry.observe=true",
            "alerts.webhooks=\(webhook.url)",
        ])
        // The session's opening is one transaction.
        #expect(try zxid(server) == before + 1)
        let name = "com.example.Seen.dubbo.muster.internal"
        #expect(try await Dig(daemon.dns, name, "A").answers == ["10.0.0.1"])
        let file = daemon.directory.path + "/membership.view"
        #expect(await eventually { FileManager.default.fileExists(atPath: file) })
        daemon.program.signal(SIGHUP)
        #expect(await eventually { daemon.program.errors.contains("configuration read again") })
        #expect(try await !freshness(daemon).contains("\"daemons\""))
        #expect(try zxid(server) == before + 1)
        // Time goes by, and with it many pings, while questions are answered.
        let end = ContinuousClock.now + .seconds(2) * Soak.factor
        var isUnchanged = true
        while isUnchanged, ContinuousClock.now < end {
            #expect(try await Dig(daemon.dns, name, "A").answers == ["10.0.0.1"])
            isUnchanged = try zxid(server) == before + 1
        }
        #expect(isUnchanged)
        // What others change is still seen, and told to the webhooks that are its own.
        provider.signal(SIGTERM)
        #expect(await eventually { webhook.events.contains { $0.contains("\"leave\"") } })
        // The end of its session is a transaction behind the deletion of its znode.
        _ = await provider.wait()
        let after = try zxid(server)
        #expect(await daemon.stop().status == 0)
        #expect(try zxid(server) == after + 1)
        #expect(try await children(server, of: "/") == ["dubbo", "zookeeper"])
    }

    @Test(.needs(.zooKeeperServer))
    func `a daemon that does not only observe is a znode`() async throws {
        let server = try await ZooKeeperServer(tickMilliseconds: 200)
        let daemon = try await Daemon(settings: ["registry.connect=\(server.address)"])
        let isThere = try await eventually {
            try await children(server, of: "/muster/daemons").count == 1
        }
        #expect(isThere, "\(daemon.program.errors)")
        #expect(try await children(server, of: "/") == ["muster", "zookeeper"])
        #expect(await daemon.stop().status == 0)
        #expect(try await children(server, of: "/muster/daemons").isEmpty)
    }
}
