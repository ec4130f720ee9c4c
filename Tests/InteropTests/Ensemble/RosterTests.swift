import Foundation
import Runtime
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// Several daemons on one ensemble: each knows the others, and each alert is one daemon's.
@Suite(.timeLimit(.minutes(5))) struct RosterTests {
    /// A client that registers services with a provider each, whose joining is one event.
    private final class Registrations {
        let session: ZooKeeperSession
        private let loop = EventLoop(name: "roster")
        private let running: Task<Void, Never>

        init(_ server: ZooKeeperServer) throws {
            let session = ZooKeeperSession(
                loop: loop,
                configuration: try SessionConfiguration(connectString: server.address)
            )
            self.session = session
            running = Task { await session.run() }
        }

        func add(_ services: [String]) async throws {
            for service in services {
                let name = "dubbo%3A%2F%2F10.0.0.1%3A20880%2F\(service)"
                _ = try await session.createWithParents("/dubbo/\(service)/providers/\(name)")
            }
        }

        func stop() async {
            running.cancel()
            await running.value
            loop.stop()
        }
    }

    private struct Status: Decodable {
        struct Member: Decodable {
            let id: String
            let own: Bool
            let pid: Int
            let dns: String
            let console: String
            let host: String
            let version: String
            let startedAt: String
        }
        let daemons: [Member]
    }

    private func members(_ daemon: Daemon) async throws -> [Status.Member] {
        let text = try await daemon.muster("status", "--json").output
        return try JSONDecoder().decode(Status.self, from: Data(text.utf8)).daemons
    }

    private func settings(_ server: ZooKeeperServer, _ webhook: WebhookReceiver) -> [String] {
        [
            "registry.connect=\(server.address)", "registry.sessionTimeout=1000",
            "alerts.webhooks=\(webhook.url)",
        ]
    }

    /// How often the joining of each service's provider was told.
    private func tellings(_ receivers: WebhookReceiver...) -> [String: Int] {
        var counts: [String: Int] = [:]
        for event in receivers.flatMap(\.events) where event.contains("\"kind\":\"join\"") {
            guard let match = event.firstMatch(of: /"service":"(a\.[A-Z]\d+)"/) else { continue }
            counts[String(match.output.1), default: 0] += 1
        }
        return counts
    }

    private func services(_ letter: String) -> [String] { (0..<30).map { "a.\(letter)\($0)" } }

    @Test(.needs(.kazoo, .zooKeeperServer))
    func `each service's alerts are one daemon's, and another's when that one dies`() async throws {
        let server = try await ZooKeeperServer(tickMilliseconds: 100)
        let client = try Registrations(server)
        let (hookA, hookB) = (try await WebhookReceiver(), try await WebhookReceiver())
        let a = try await Daemon(settings: settings(server, hookA))
        let b = try await Daemon(settings: settings(server, hookB))
        for daemon in [a, b] {
            let both = try await eventually { try await members(daemon).count == 2 }
            #expect(both, "\(daemon.program.errors)")
        }
        let listed = try await members(a)
        let own = try #require(listed.first { $0.own })
        #expect(own.dns == a.dns && own.console == a.console && !own.host.isEmpty)
        #expect(listed.map(\.dns).contains(b.dns))
        let screen = try await a.muster("status").output
        #expect(screen.contains("daemons   ") && screen.contains("(this one)"), "\(screen)")

        try await client.add(services("A"))
        let allTold = await eventually { tellings(hookA, hookB).count == 30 }
        #expect(allTold, "\(tellings(hookA, hookB))")
        #expect(tellings(hookA, hookB).values.allSatisfy { $0 == 1 })
        #expect(tellings(hookA).count > 3 && tellings(hookB).count > 3)

        a.program.signal(SIGKILL)
        _ = await a.program.wait()
        // Its session still stands, so these are told when it ends: nobody was there for some.
        try await client.add(services("B"))
        let taken = await eventually { Set(tellings(hookB).keys).isSuperset(of: services("B")) }
        #expect(taken, "\(tellings(hookB)) \(b.program.errors)")
        #expect(try await members(b).map(\.id) != listed.map(\.id))
        try await client.add(services("C"))
        let toldByB = await eventually { Set(tellings(hookB).keys).isSuperset(of: services("C")) }
        #expect(toldByB)

        let again = try await Daemon(in: a.directory, settings: settings(server, hookA))
        let back = try await eventually { try await members(again).count == 2 }
        #expect(back, "\(again.program.errors)")
        #expect(try await members(again).first { $0.own }?.id == own.id)
        let isSeen = try await eventually { try await members(b).count == 2 }
        #expect(isSeen)
        try await client.add(services("D"))
        let shared = await eventually {
            tellings(hookA, hookB).keys.filter { $0.hasPrefix("a.D") }.count == 30
        }
        #expect(shared)
        let last = tellings(hookA, hookB).filter { $0.key.hasPrefix("a.D") }
        #expect(last.values.allSatisfy { $0 == 1 }, "\(last)")
        // What happened while it was away was the other one's to tell.
        #expect(tellings(hookA).keys.allSatisfy { !$0.hasPrefix("a.C") })
        #expect(await again.stop().status == 0)
        #expect(await b.stop().status == 0)
        await client.stop()
    }

    @Test(.needs(.kazoo, .zooKeeperServer))
    func `a daemon alone tells after a restart what happened while it was away`() async throws {
        let server = try await ZooKeeperServer(tickMilliseconds: 100)
        let client = try Registrations(server)
        let webhook = try await WebhookReceiver()
        let first = try await Daemon(settings: settings(server, webhook))
        try await client.add(["a.A0"])
        #expect(await eventually { tellings(webhook) == ["a.A0": 1] })
        #expect(await first.stop().status == 0)
        try await client.add(["a.B0"])
        let second = try await Daemon(in: first.directory, settings: settings(server, webhook))
        let isTold = await eventually { tellings(webhook)["a.B0"] == 1 }
        #expect(isTold, "\(second.program.errors)")
        #expect(tellings(webhook) == ["a.A0": 1, "a.B0": 1])
        #expect(await second.stop().status == 0)
        await client.stop()
    }

    @Test(.needs(.kazoo, .zooKeeperServer))
    func `a daemon's znode comes back after a deletion and after its session's end`()
        async throws
    {
        let server = try await ZooKeeperServer(tickMilliseconds: 100)
        let client = try Registrations(server)
        let webhook = try await WebhookReceiver()
        let daemon = try await Daemon(settings: settings(server, webhook))
        let isThere = try await eventually { try await members(daemon).count == 1 }
        #expect(isThere)
        let path = "/muster/daemons/" + (try await members(daemon)[0].id)
        let first = try #require(try await client.session.exists(path))
        try await client.session.delete(path)
        let isBack = try await eventually {
            (try await client.session.exists(path)?.czxid ?? 0) > first.czxid
        }
        #expect(isBack)
        daemon.program.signal(SIGSTOP)
        let isGone = try await eventually { try await client.session.exists(path) == nil }
        #expect(isGone)
        daemon.program.signal(SIGCONT)
        let isBackAgain = try await eventually {
            let owner = try await client.session.exists(path)?.ephemeralOwner
            return owner != nil && owner != first.ephemeralOwner
        }
        #expect(isBackAgain, "\(daemon.program.errors)")
        #expect(await daemon.stop().status == 0)
        await client.stop()
    }
}
