import Foundation
import TestSupport
import Testing

/// A daemon on an ensemble whose tree is closed to strangers.
@Suite(.timeLimit(.minutes(5))) struct CredentialTests {
    private let name = "com.example.Closed.dubbo.muster.internal"
    private let secret = "geheim:42"

    /// Makes a provider below a root that only who shows the credential may list.
    private func close(_ server: ZooKeeperServer) async throws {
        let folder = try TemporaryDirectory()
        let provider = "dubbo%3A%2F%2F10.0.0.1%3A20880%2Fcom.example.Closed"
        let script = try folder.write(
            "script",
            """
            addauth digest u:\(secret)
            create /dubbo
            create /dubbo/com.example.Closed
            create /dubbo/com.example.Closed/providers
            create /dubbo/com.example.Closed/providers/\(provider)
            setAcl /dubbo auth::cdrwa

            """
        )
        let shell = "\(Checkout.program("muster")) shell --server \(server.address) < \(script)"
        let outcome = try await Program.run(["sh", "-c", shell])
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test(.needs(.dig, .zooKeeperServer))
    func `A1.20 a credential opens the tree, also after a reconnect, and is shown nowhere`()
        async throws
    {
        let server = try await ZooKeeperServer(tickMilliseconds: 200)
        try await close(server)
        let connect = ["registry.connect=\(server.address)", "registry.sessionTimeout=2000"]
        let stranger = try await Daemon(settings: connect, waitsForView: false)
        let isShutOut = await eventually { stranger.program.errors.contains("tried again: NOAUTH") }
        #expect(isShutOut, "\(stranger.program.errors)")
        #expect(try await Dig(stranger.dns, name, "A").text.contains("EDE: 14"))
        #expect(await stranger.stop().status == 0)
        let unknown = connect + ["registry.auth=unknown:x"]
        let refused = try await Daemon(settings: unknown, waitsForView: false)
        let isTold = await eventually { refused.program.errors.contains("refuses a credential") }
        #expect(isTold, "\(refused.program.errors)")
        #expect(await refused.stop().status == 0)

        let daemon = try await Daemon(settings: connect + ["registry.auth=digest:u:\(secret)"])
        #expect(try await Dig(daemon.dns, name, "A").answers == ["10.0.0.1"])
        server.program.signal(SIGKILL)
        let isStale = try await eventually {
            try await Dig(daemon.dns, name, "A").text.contains("EDE: 3")
        }
        #expect(isStale)
        let again = try await ZooKeeperServer(after: server, tickMilliseconds: 200)
        let isLive = try await eventually {
            try await daemon.muster("status", "--json").output.contains("\"freshness\":\"live\"")
        }
        #expect(isLive, "\(daemon.program.errors)")
        #expect(try await !Dig(daemon.dns, name, "A").text.contains("EDE"))
        let status = try await daemon.muster("status", "--json").output
        let metrics = try await Program.run(["curl", "-s", daemon.console + "/metrics"]).output
        let outcome = await daemon.stop()
        for text in [status, metrics, outcome.output, outcome.errors] {
            #expect(!text.contains("geheim"), "\(text)")
        }
        #expect(again.program.isRunning && outcome.status == 0)
    }
}
