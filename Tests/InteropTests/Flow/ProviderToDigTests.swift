import Foundation
import TestSupport
import Testing

/// The whole flow with no code of ours on the client side.
///
/// kazoo registers, zkCli.sh lists, dig asks, a webhook is posted, and the provider dies or stops.
/// Covers A1.4, A4.1, A4.2, A5.6, A7.2, A7.5.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ProviderToDigTests {
    /// Which registry the daemon works on.
    enum Kind: String, CaseIterable, Sendable {
        case embedded
        /// Three ZooKeepers; daemon, provider and shell have all three, and go to any of them.
        case ensemble
    }

    private let service = "com.example.GreeterService.dubbo.muster.internal"
    private let domain = "server.app1.company1.com"

    @Test(.needs(.dig, .kazoo, .zooKeeperServer, .zooKeeperShell), arguments: Kind.allCases)
    func `A1.4 a provider appears in dig, and its death empties the answers`(
        kind: Kind
    ) async throws {
        let flow = try await Flow(kind)
        try await expectAnswers(flow)
        try await expectShellLists(flow)
        flow.providers.signal(SIGKILL)
        // Session timeout plus 1 s; ZooKeeper counts in ticks, which makes one more.
        let tick = Duration.milliseconds(kind == .embedded ? 0 : Flow.tickMilliseconds)
        try await expectGone(flow, within: .seconds(4 + 1) + tick, departure: "expired")
        #expect(await flow.daemon.stop().status == 0)
    }

    @Test(.needs(.dig, .kazoo, .zooKeeperServer), arguments: Kind.allCases)
    func `A1.4 a graceful close empties the answers at once`(kind: Kind) async throws {
        let flow = try await Flow(kind)
        try await expectAnswers(flow)
        flow.providers.send("close")
        let closed = await eventually { flow.providers.output.contains("closed") }
        try #require(closed)
        try await expectGone(flow, within: .seconds(1), departure: "closed")
        #expect(await flow.daemon.stop().status == 0)
    }

    /// Daemon, registry, webhook receiver and providers of one test.
    private final class Flow: Sendable {
        static let tickMilliseconds = 500

        let kind: Kind
        let ensemble: Ensemble?
        let webhook: Program
        let daemon: Daemon
        /// Where a client finds the registry: the address, or all three.
        let registry: String
        let providers: Program

        init(_ kind: Kind) async throws {
            self.kind = kind
            ensemble =
                kind == .ensemble
                ? try await Ensemble(tickMilliseconds: Self.tickMilliseconds) : nil
            let webhook = try Program([Peer.python, Checkout.script("webhook.py")])
            let listening = await eventually { webhook.output.contains("\n") }
            try #require(listening)
            let port = webhook.output.split(separator: "\n")[0].split(separator: " ")[1]
            var settings = ["alerts.webhooks=http://127.0.0.1:\(port)/hook"]
            if let ensemble { settings.append("registry.connect=\(ensemble.connectString)") }
            self.webhook = webhook
            daemon = try await Daemon(settings: settings)
            registry = ensemble?.connectString ?? daemon.registry
            let providers = try Program([
                Peer.python, Checkout.script("providers.py"), registry, "4",
            ])
            self.providers = providers
            let ready = await eventually { providers.output.contains("ready") }
            try #require(ready, "\(providers.errors)")
        }

        /// When the last event of one kind happened, by the daemon's clock.
        func latestEvent(_ kind: String) -> Date? {
            let format = ISO8601DateFormatter()
            format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            return lines(kind).compactMap { line in
                line.firstRange(of: "\"at\":\"").flatMap { range in
                    format.date(from: String(line[range.upperBound...].prefix { $0 != "\"" }))
                }
            }.max()
        }

        private func lines(_ kind: String) -> [Substring] {
            webhook.output.split(separator: "\n").filter { $0.contains("\"kind\":\"\(kind)\"") }
        }

        /// Events of one kind that the webhook got.
        func events(_ kind: String) -> Int {
            lines(kind).count
        }
    }

    private func expectAnswers(_ flow: Flow) async throws {
        let dns = flow.daemon.dns
        let expected = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        let arrived = try await eventually {
            try await Dig(dns, service, "A").answers.sorted() == expected
        }
        try #require(arrived, "the providers are not in the answers")
        for options in ["+notcp", "+tcp"] {
            let a = try await Dig(dns, service, "A", options)
            #expect(a.status == "NOERROR")
            #expect(a.flags.contains("aa"))
            #expect(a.answers.sorted() == expected)
            #expect(try await Dig(dns, service, "AAAA", options).answers == ["2001:db8::1"])
            let ports = try await Dig(dns, service, "SRV", options).answers.map {
                $0.split(separator: " ").dropFirst(2).joined(separator: " ")
            }
            let targets = [
                "20880 10-0-0-1.node.muster.internal.", "20880 10-0-0-2.node.muster.internal.",
                "20881 10-0-0-3.node.muster.internal.",
            ]
            #expect(ports.sorted() == targets)
            let byProtocol = try await Dig(dns, "_dubbo._tcp." + service, "SRV", options)
            #expect(byProtocol.answers.count == 3)
            let texts = try await Dig(dns, service, "TXT", options).answers
            #expect(texts.count == 3)
            #expect(texts.allSatisfy { $0.contains("\"proto=dubbo\"") })
            let names = try await Dig(dns, domain, "A", options)
            #expect(names.answers.sorted() == ["10.1.0.1", "10.1.0.2"])
            let node = try await Dig(dns, "10-0-0-1.node.muster.internal", "A", options)
            #expect(node.answers == ["10.0.0.1"])
        }
        let joined = await eventually { flow.events("join") == 5 }
        #expect(joined, "\(flow.webhook.output)")
    }

    private func expectShellLists(_ flow: Flow) async throws {
        let outcome = try await Program.run(
            ["/usr/share/zookeeper/bin/zkCli.sh", "-server", flow.registry],
            input: "ls /dubbo/com.example.GreeterService/providers\nquit\n"
        )
        let list = outcome.output.split(separator: "\n").last { $0.hasPrefix("[") } ?? ""
        #expect(list.components(separatedBy: "dubbo%3A%2F%2F10.0.0.").count == 4, "\(outcome)")
    }

    private func expectGone(_ flow: Flow, within limit: Duration, departure: String) async throws {
        let dns = flow.daemon.dns
        let start = Date()
        let left = await eventually { flow.events("leave") == 5 }
        #expect(left, "\(flow.webhook.output)")
        // The answers change before an alert goes out, so one question tells.
        for name in [service, domain] {
            let empty = try await Dig(dns, name, "A")
            #expect(empty.answers.isEmpty)
            #expect(empty.status == "NOERROR")
            #expect(empty.authority.contains { $0.contains("SOA") })
        }
        let latest = try #require(flow.latestEvent("leave"))
        #expect(
            latest.timeIntervalSince(start) < limit / .seconds(1),
            "\(flow.daemon.program.errors)"
        )
        let reason = flow.kind == .embedded ? departure : "unknown"
        let lines = flow.webhook.output.split(separator: "\n").filter { $0.contains("\"leave\"") }
        #expect(lines.allSatisfy { $0.contains("\"\(reason)\"") }, "\(lines)")
        _ = await eventually(within: .milliseconds(300)) { flow.events("leave") > 5 }
        #expect(flow.events("leave") == 5, "one webhook per instance")
    }
}
