import Foundation
import ServiceModel
import Synchronization
import TestRegistry
import TestSupport
import Testing
import ZooKeeperServer

/// How sessions begin, move, end and expire, seen by plain sockets and by kazoo.
@Suite(.timeLimit(.minutes(5))) struct SessionLifeTests {
    @Test(.needs(.kazoo, .zooKeeperServer))
    func `A1.2 A1.4 A1.10 sessions are granted, resumed, closed and expire as ZooKeeper's`()
        async throws
    {
        let pair = try await SideBySide(tickMilliseconds: 2_000)
        let sections = ["bounds", "resume", "closed", "unknown", "many", "expired"]
        let lines = try await pair.sameLines { Self.life($0, sections) }
        // What the two agree on is right as well.
        for line in [
            "bounds: 1 granted 4000 password 16",
            "bounds: 3600000 granted 40000 password 16",
            "resume: first is cut True second works True",
            "resume: owner True",
            "closed: gone True kept True",
            "closed: resumed 0 0 True",
            "unknown: 19088743 granted 0 0",
            "many: closed 0 as the next change True",
            "many: left 0 [0, 0, 0, 0, 0]",
            "many: one zxid True",
            "many: events 5000 kinds [2]",
            "many: each once True",
            "many: bystander True True",
            "expired: gone True cut True",
            "expired: kept True",
            "expired: resumed 0 0 that is cut True",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }

    @Test(.needs(.kazoo))
    func `a wrong password is refused, and the owner's connection goes on`() async throws {
        let registry = try await TestRegistry.start()
        let outcome = try await Program.run(Self.life(registry.connectString, ["password"]))
        await registry.close()
        try #require(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.filter { $0.hasSuffix("granted 0 0") }.count == 5)
        #expect(lines.filter { $0.hasSuffix("that is cut True owner works True") }.count == 5)
        #expect(lines.last == "password: kept True")
    }

    /// The bound is that of an idle machine; a busy one gets more rounds, and never an early end.
    @Test(.needs(.kazoo))
    func `200 sessions of 100 to 1,000 ms never end early, and at most 100 ms late`()
        async throws
    {
        let daemon = try await Daemon(settings: ["registry.tickTime=50"], waitsForView: false)
        let words = [Peer.python, "-B", Checkout.script("expiry.py"), daemon.registry]
        let outcome = try await Program.run(words + ["200", "8", "100"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasSuffix("all within 100\n"))
        print(outcome.output)
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.kazoo))
    func `A1.8 A1.9 a server that stood still expires nobody, a client that did registers again`()
        async throws
    {
        let daemon = try await Daemon(settings: ["registry.tickTime=100"], waitsForView: false)
        let words = [Peer.python, "-B", Checkout.script("stall.py"), daemon.registry]
        let outcome = try await Program.run(words + ["\(daemon.program.id)"])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").suffix(3)
        #expect(
            lines == [
                "server stopped: kazoo 3 3 lost 0 raw 20 20 late 5",
                "client stopped: another session True",
                "client stopped: CONNECTED SUSPENDED LOST CONNECTED LOST",
            ]
        )
        // A process that a failed test leaves stopped would not end.
        daemon.program.signal(SIGCONT)
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.kazoo))
    func `the feed tells of each session's lost, resumed, closed and expired, in order`()
        async throws
    {
        let told = Mutex<[SessionFact]>([])
        let registry = try await TestRegistry.start(tickTime: .milliseconds(100)) { fact in
            told.withLock { $0.append(fact) }
        }
        let outcome = try await Program.run(Self.life(registry.connectString, ["facts"]))
        let zxid = await registry.server.status().zxid
        await registry.close()
        try #require(outcome.status == 0, "\(outcome.errors)")
        let facts = told.withLock { $0 }
        var stories: [Substring: [SessionFact.Kind]] = [:]
        for line in outcome.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            let session = try #require(words.last.flatMap { Int64($0) })
            stories[words[1]] = facts.filter { $0.session == session }.map(\.kind)
        }
        #expect(stories["back"] == [.connectionLost, .connectionBack, .closed])
        #expect(stories["taken"] == [.connectionLost, .connectionBack, .closed])
        #expect(stories["silent"] == [.expired])
        #expect(stories["lost"] == [.connectionLost, .expired])
        let ends = facts.filter { $0.kind == .closed || $0.kind == .expired }.map(\.zxid)
        #expect(ends == ends.sorted() && Set(ends).count == ends.count)
        #expect(ends.last == zxid)
    }

    @Test(.needs(.kazoo))
    func `A1.4 those who watch the services learn why each provider left`() async throws {
        let daemon = try await Daemon(settings: ["registry.tickTime=200"])
        let providers = try Program(Self.life(daemon.registry, ["departures"]))
        let joined = try await eventually {
            try await daemon.muster("watch", "--after", "oldest", "--count", "4", "--json").output
                .split(separator: "\n").count == 4
        }
        #expect(joined, "\(providers.errors)")
        providers.send("go")
        #expect(await providers.wait().status == 0, "\(providers.errors)")
        let watched = try await daemon.muster(
            "watch",
            "--after",
            "oldest",
            "--count",
            "7",
            "--json"
        )
        var departures: [String: String] = [:]
        for line in watched.output.split(separator: "\n") where line.contains("\"leave\"") {
            let address = try #require(line.firstMatch(of: /10\.0\.0\.[0-9]/)).output
            let why = try #require(line.firstMatch(of: /"departure":"([a-z]+)"/)).output.1
            departures[String(address)] = String(why)
        }
        #expect(
            departures == ["10.0.0.1": "closed", "10.0.0.2": "expired", "10.0.0.3": "deleted"],
            "\(watched.output)"
        )
        #expect(await daemon.stop().status == 0)
    }

    private static func life(_ address: String, _ sections: [String]) -> [String] {
        [Peer.python, "-B", Checkout.script("sessionlife.py"), address] + sections
    }
}
