import Foundation
import TestSupport
import Testing

/// What a daemon answers while its registry is out of reach, its own restarts included.
@Suite(.timeLimit(.minutes(5))) struct KeptViewTests {
    private let name = "com.example.Out.dubbo.muster.internal"

    private func provider(_ server: String, _ address: String = "10.0.0.1") throws -> Program {
        let url = "dubbo://\(address):20880/com.example.Out?application=x"
        return try Program([Checkout.program("muster"), "register", url, "--server", server])
    }

    private func settings(_ server: String, _ more: String...) -> [String] {
        ["registry.connect=\(server)", "registry.sessionTimeout=2000"] + more
    }

    private func get(_ daemon: Daemon, _ path: String) async throws -> String {
        try await Program.run(["curl", "-s", "-w", " %{http_code}", daemon.console + path]).output
    }

    /// Waits until the daemon answers from a live view with the provider in it.
    private func expectLive(_ daemon: Daemon, _ addresses: [String] = ["10.0.0.1"]) async throws {
        let isLive = try await eventually {
            let answer = try await Dig(daemon.dns, name, "A")
            return answer.answers.sorted() == addresses && !answer.text.contains("EDE")
        }
        #expect(isLive, "\(daemon.program.errors)")
    }

    private func expectStale(_ daemon: Daemon) async throws {
        let answer = try await Dig(daemon.dns, name, "A")
        #expect(answer.status == "NOERROR" && answer.answers == ["10.0.0.1"], "\(answer.text)")
        #expect(answer.text.contains("EDE: 3"))
        let ttl = answer.text.firstMatch(of: /(\d+)\s+IN\s+A\s+10/).flatMap { Int($0.output.1) }
        #expect(try #require(ttl) <= 5)
    }

    @Test(.needs(.dig, .zooKeeperServer))
    func `A1.14 a restart while the registry is down answers from disk, and recovers by itself`()
        async throws
    {
        let server = try await ZooKeeperServer(tickMilliseconds: 200)
        let first = try await Daemon(settings: settings(server.address))
        let provider = try provider(server.address)
        try await expectLive(first)
        server.program.signal(SIGKILL)
        #expect(await first.stop().status == 0)

        let daemon = try await Daemon(
            in: first.directory,
            settings: settings(server.address),
            waitsForView: false
        )
        try await expectStale(daemon)
        let unknown = try await Dig(daemon.dns, "x.dubbo.muster.internal", "A")
        #expect(unknown.status == "NXDOMAIN" && unknown.text.contains("EDE: 19"))
        #expect(try await get(daemon, "/ready").hasSuffix(" 200"))
        let status = try await daemon.muster("status", "--json").output
        for part in [
            "\"freshness\":\"stale\"", "\"ageSeconds\":", "was not reached since the start",
            "\"session\":\"connecting\"",
        ] { #expect(status.contains(part), "\(part) in \(status)") }
        let screen = try await daemon.muster("status").output
        #expect(screen.contains(/view\s+stale for \d+ s \(the registry \(127.0.0.1/), "\(screen)")
        let metrics = try await get(daemon, "/metrics")
        #expect(metrics.contains("\nmuster_view_live 0\n"))
        #expect(metrics.contains(/\nmuster_view_age_seconds [0-9]*\.?[0-9]*[1-9]/))

        let again = try await ZooKeeperServer(after: server, tickMilliseconds: 200)
        try await expectLive(daemon)
        #expect(try await get(daemon, "/metrics").contains("\nmuster_view_age_seconds 0\n"))
        #expect(try await daemon.muster("status", "--json").output.contains("\"connected\""))
        provider.signal(SIGTERM)
        #expect(await provider.wait().status == 0)
        let gone = try await eventually { try await Dig(daemon.dns, name, "A").answers.isEmpty }
        #expect(gone)
        #expect(again.program.isRunning)
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.dig, .zooKeeperServer))
    func `a daemon that was killed left its view, until that is too old to answer from`()
        async throws
    {
        let server = try await ZooKeeperServer(tickMilliseconds: 200)
        let first = try await Daemon(settings: settings(server.address))
        let provider = try provider(server.address)
        try await expectLive(first)
        let file = first.directory.path + "/membership.view"
        let kept = await eventually {
            let bytes = FileManager.default.contents(atPath: file) ?? Data()
            return bytes.range(of: Data("10.0.0.1".utf8)) != nil
        }
        #expect(kept)
        first.program.signal(SIGKILL)
        _ = await first.program.wait()
        server.program.signal(SIGKILL)
        let bytes = try #require(FileManager.default.contents(atPath: file))

        let second = try await Daemon(
            in: first.directory,
            settings: settings(server.address),
            waitsForView: false
        )
        try await expectStale(second)
        #expect(await second.stop().status == 0)
        #expect(FileManager.default.contents(atPath: file) == bytes)

        let third = try await Daemon(
            in: first.directory,
            settings: settings(server.address, "dns.maxStale=1"),
            waitsForView: false
        )
        let isOver = try await eventually {
            let answer = try await Dig(third.dns, name, "A")
            return answer.status == "SERVFAIL" && answer.text.contains("EDE: 22")
        }
        #expect(isOver)
        let ready = try await get(third, "/ready")
        #expect(ready.contains("too old") && ready.hasSuffix(" 503"), "\(ready)")
        let status = try await third.muster("status").output
        #expect(status.contains("view      expired for ") && status.contains("dns.maxStale"))
        #expect(await third.stop().status == 0)
        provider.signal(SIGKILL)
    }

    @Test(.needs(.dig))
    func `a file that cannot be used is told of, used by nobody, and stays`() async throws {
        let port = try ZooKeeperServer.freePort()
        let folder = try TemporaryDirectory()
        let file = folder.path + "/membership.view"
        for (content, complaint) in [
            ("MUSTERVW\u{0}\u{0}\u{0}\u{1}xxxxyyyy", "checksum"),
            ("MUSTERVW\u{0}\u{0}\u{0}\u{9}xxxxyyyy", "of a later musterd"), ("nonsense", "no view"),
            ("", "at byte 0"),
        ] {
            let bytes = Data(content.utf8)
            try bytes.write(to: URL(fileURLWithPath: file))
            let daemon = try await Daemon(
                in: folder,
                settings: settings("127.0.0.1:\(port)"),
                waitsForView: false
            )
            #expect(daemon.program.errors.contains("membership.view: "))
            #expect(daemon.program.errors.contains(complaint), "\(daemon.program.errors)")
            let answer = try await Dig(daemon.dns, name, "A")
            #expect(answer.status == "SERVFAIL" && answer.text.contains("EDE: 14"))
            #expect(await daemon.stop().status == 0)
            #expect(FileManager.default.contents(atPath: file) == bytes)
        }
    }

    @Test(.needs(.dig))
    func `another registry's view is not used, and is replaced once this one was read`()
        async throws
    {
        let first = try await Daemon()
        let provider = try provider(first.registry)
        try await expectLive(first)
        #expect(await first.stop().status == 0)
        let port = try ZooKeeperServer.freePort()
        let second = try await Daemon(
            in: first.directory,
            settings: settings("127.0.0.1:\(port)"),
            waitsForView: false
        )
        #expect(second.program.errors.contains("is a view of another registry: of the embedded"))
        #expect(try await Dig(second.dns, name, "A").text.contains("EDE: 14"))
        #expect(await second.stop().status == 0)
        provider.signal(SIGKILL)
    }

    @Test(.needs(.dig))
    func `an embedded registry whose store cannot be read leaves DNS stale`() async throws {
        let first = try await Daemon()
        let provider = try provider(first.registry)
        try await expectLive(first)
        #expect(await first.stop().status == 0)
        provider.signal(SIGKILL)
        let store = first.directory.path + "/registry/tree.db"
        try Data("no database".utf8).write(to: URL(fileURLWithPath: store))
        let daemon = try await Daemon(in: first.directory, waitsForView: false)
        try await expectStale(daemon)
        let status = try await daemon.muster("status").output
        #expect(status.contains("tree.db"), "\(status)")
        #expect(daemon.program.errors.contains("the registry is not served"))
        #expect(FourLetterWord.ask(daemon.registry, "ruok") == nil)
        let backup = try await daemon.muster("server", "backup", "/tmp/never.backup")
        #expect(backup.status != 0)
        #expect(await daemon.stop().status == 0)
        #expect(try String(contentsOfFile: store, encoding: .utf8) == "no database")
    }
}
