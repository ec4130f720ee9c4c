import Foundation
import TestSupport
import Testing

/// What an operator does to a running daemon, and what it says of itself.
@Suite(.timeLimit(.minutes(5))) struct OperationsTests {
    private let url = "dubbo://10.0.0.1:20880/com.example.Ops?application=x"
    private let name = "com.example.Ops.dubbo.muster.internal"

    @Test(.needs(.dig))
    func `A1.7 before the registry was read nothing is known, not even absence`() async throws {
        let port = try ZooKeeperServer.freePort()
        let daemon = try await Daemon(
            settings: ["registry.connect=127.0.0.1:\(port)"],
            waitsForView: false
        )
        let answer = try await Dig(daemon.dns, name, "A")
        #expect(answer.status == "SERVFAIL")
        #expect(answer.text.contains("EDE: 14"))
        #expect(
            try await Program.run(["curl", "-s", daemon.console + "/live"]).output.contains("true")
        )
        let ready = try await Program.run(
            ["curl", "-s", "-w", "%{http_code}", daemon.console + "/ready"])
        #expect(ready.output.hasSuffix("503"))
        #expect(ready.output.contains("reason"))
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.dig))
    func `a bad configuration at SIGHUP changes nothing, a good one is taken over`() async throws {
        let daemon = try await Daemon(configuration: "dns:\n  origins: [one.internal]\n")
        let file = daemon.directory.path + "/muster.yaml"
        #expect(try await Dig(daemon.dns, "one.internal", "SOA").status == "NOERROR")
        #expect(try await Dig(daemon.dns, "two.internal", "SOA").status == "REFUSED")
        try "dns:\n  orgins: [two.internal]\n".write(
            toFile: file,
            atomically: true,
            encoding: .utf8
        )
        daemon.program.signal(SIGHUP)
        let refused = await eventually {
            daemon.program.errors.contains("muster.yaml:2:3: dns.orgins")
        }
        #expect(refused, "\(daemon.program.errors)")
        #expect(try await Dig(daemon.dns, "one.internal", "SOA").status == "NOERROR")
        try "dns:\n  origins: [two.internal]\n".write(
            toFile: file,
            atomically: true,
            encoding: .utf8
        )
        daemon.program.signal(SIGHUP)
        let taken = try await eventually {
            try await Dig(daemon.dns, "two.internal", "SOA").status == "NOERROR"
        }
        #expect(taken)
        #expect(try await Dig(daemon.dns, "one.internal", "SOA").status == "REFUSED")
        #expect(await daemon.stop().status == 0)
    }

    @Test func `a configuration that cannot be used ends the start with file, line and key`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write("bad.yaml", "registry:\n  listen: 0.0.0.0:0\n")
        let open = try await Program.run([Checkout.program("musterd"), "--check", "--config", file])
        #expect(open.status == 1)
        #expect(open.errors.contains("allowAnonymous"))
        let unknown = try directory.write("unknown.yaml", "dns:\n  lisen: 127.0.0.1:0\n")
        let check = try await Program.run(
            [Checkout.program("musterd"), "--check", "--config", unknown])
        #expect(check.status == 1)
        #expect(check.errors.contains("unknown.yaml:2:3: dns.lisen"))
    }

    @Test(.needs(.dig))
    func `A1.9 a provider stopped past its timeout registers again by itself`() async throws {
        let daemon = try await Daemon(settings: ["registry.tickTime=200"])
        let provider = try Program(
            [Checkout.program("muster"), "register", url, "--timeout", "1"],
            environment: ["MUSTER_CONTROL": daemon.control]
        )
        let joined = try await eventually {
            try await Dig(daemon.dns, name, "A").answers.count == 1
        }
        #expect(joined, "\(provider.errors)")
        provider.signal(SIGSTOP)
        let gone = try await eventually { try await Dig(daemon.dns, name, "A").answers.isEmpty }
        #expect(gone)
        provider.signal(SIGCONT)
        let back = try await eventually { try await Dig(daemon.dns, name, "A").answers.count == 1 }
        #expect(back, "\(provider.errors)")
        provider.signal(SIGTERM)
        #expect(await provider.wait().status == 0)
        let left = try await Dig(daemon.dns, name, "A")
        #expect(left.answers.isEmpty && left.status == "NOERROR")
        let events = try await daemon.muster("watch", "--after", "oldest", "--count", "5", "--json")
        let kinds = events.output.split(separator: "\n").compactMap { line in
            ["appear", "join", "leave"].first { line.contains("\"kind\":\"\($0)\"") }
        }
        #expect(kinds == ["appear", "join", "leave", "join", "leave"], "\(events)")
        #expect(events.output.contains("\"departure\":\"expired\""))
        #expect(await daemon.stop().status == 0)
    }

    @Test func `A5.7 metrics and services are served, and freshness is a histogram`() async throws {
        let daemon = try await Daemon()
        let provider = try Program(
            [Checkout.program("muster"), "register", url],
            environment: ["MUSTER_CONTROL": daemon.control]
        )
        let listed = try await eventually {
            try await Program.run(["curl", "-s", daemon.console + "/v1/instances"]).output
                .contains("\"address\":\"10.0.0.1\"")
        }
        #expect(listed, "\(provider.errors)")
        let metrics = try await Program.run(["curl", "-s", daemon.console + "/metrics"]).output
        for line in [
            "muster_view_instances 1",
            "# TYPE muster_freshness_seconds histogram",
        ] { #expect(metrics.contains(line), "\(line) in \(metrics)") }
        #expect(metrics.contains(/muster_freshness_seconds_count [1-9]/))
        #expect(await daemon.stop().status == 0)
        #expect(provider.isRunning)
        provider.signal(SIGTERM)
        #expect(await provider.wait().status == 0)
    }

    @Test(.needs(.dig, .zooKeeperServer))
    func `A1.14 a lost ensemble leaves the last known answers, marked stale`() async throws {
        let server = try await ZooKeeperServer(tickMilliseconds: 200)
        let daemon = try await Daemon(
            settings: ["registry.connect=\(server.address)", "registry.sessionTimeout=2000"])
        let provider = try Program([
            Checkout.program("muster"), "register", url, "--server", server.address,
        ])
        let joined = try await eventually {
            try await Dig(daemon.dns, name, "A").answers.count == 1
        }
        #expect(joined, "\(provider.errors)")
        server.program.signal(SIGKILL)
        let stale = try await eventually {
            try await Dig(daemon.dns, name, "A").text.contains("EDE: 3")
        }
        #expect(stale)
        let answer = try await Dig(daemon.dns, name, "A")
        #expect(answer.answers == ["10.0.0.1"])
        let status = try await daemon.muster("status")
        #expect(status.output.contains("stale"))
        provider.signal(SIGKILL)
        #expect(await daemon.stop().status == 0)
    }
}
