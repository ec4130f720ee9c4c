import Foundation
import Registrations
import Runtime
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// `muster audit` on trees of the embedded registry, of ZooKeeper 3.8 and of an ensemble.
@Suite(.timeLimit(.minutes(4))) struct AuditTests {
    private func audit(_ server: String, _ words: String...) async throws -> Program.Outcome {
        try await Program.run([Checkout.program("muster"), "audit", "--server", server] + words)
    }

    private func report(_ outcome: Program.Outcome) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    @Test func `a tree in order ends with 0, and says what was read`() async throws {
        let daemon = try await Daemon()
        try await withSession(daemon.registry) { session in
            let own = PercentCoding.encode("dubbo://10.0.0.1:20880/a.B")
            let path = "/dubbo/a.B/providers/" + own
            try await session.createWithParents(path, mode: .ephemeral)
            let outcome = try await audit(daemon.registry)
            #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
            #expect(outcome.output.contains(", 1 provider, 0 consumers, 0 domains read in "))
            #expect(outcome.output.hasSuffix("\nnothing is wrong\n"))
            #expect(!outcome.output.contains("not checked"))
            // Without --server it is the daemon's own registry.
            #expect(try await daemon.muster("audit").status == 0)
        }
        #expect(await daemon.stop().status == 0)
    }

    /// Each kind of finding that clients can bring about, in one tree.
    private func fill(_ first: ZooKeeperSession, _ second: ZooKeeperSession, port: Int) async throws
    {
        func provider(_ url: String, of service: String) -> String {
            "/dubbo/\(service)/providers/" + PercentCoding.encode(url)
        }
        let here = provider("dubbo://10.0.0.1:20880/a.B", of: "a.B")
        try await first.createWithParents(here, mode: .ephemeral)
        let there = provider("dubbo://10.0.0.1:20880/a.C", of: "a.C")
        try await second.createWithParents(there, mode: .ephemeral)
        let asked = "/dubbo/a.D/consumers/" + PercentCoding.encode("consumer://10.0.0.7/a.D")
        try await first.createWithParents(asked, mode: .ephemeral)
        try await first.createWithParents("/dubbo/a.B/providers/rubbish%zz", mode: .ephemeral)
        let domain = "/DDNS/app/a.example"
        try await first.createWithParents(domain, data: Array("127.0.0.1:\(port) here".utf8))
    }

    @Test(.needs(.zooKeeperServer))
    func `what is wrong is found on the embedded registry and on ZooKeeper alike`() async throws {
        let daemon = try await Daemon(waitsForView: false)
        let server = try await ZooKeeperServer()
        let closed = Int(try ZooKeeperServer.freePort())
        for address in [daemon.registry, server.address] {
            try await withSession(address) { first in
                try await withSession(address) { second in
                    try await fill(first, second, port: closed)
                    let outcome = try await audit(address, "--json")
                    #expect(outcome.status == 1, "\(outcome.errors)")
                    #expect(outcome.errors.hasPrefix("muster: \(address): 4 findings"))
                    let quiet = try report(outcome)
                    #expect(
                        quiet.counts == ["addressShared": 1, "noProvider": 1, "notUnderstood": 2]
                    )
                    #expect(quiet.unchecked.count == 1)
                    #expect(quiet.unchecked.first?.contains("1 address that no session") == true)
                    #expect(quiet.findings.first?.endpoint == "10.0.0.1:20880")

                    let other = try report(
                        try await audit(address, "--json", "--connect", "10.0.0.0/8")
                    )
                    #expect(other.counts["notReachable"] == nil)
                    #expect(other.unchecked.count == 1)
                    let loud = try await audit(address, "--connect", "127.0.0.0/8")
                    #expect(loud.status == 1)
                    let line = "    127.0.0.1:\(closed) of a.example: refuses connections\n"
                    #expect(
                        loud.output.contains(line + "      /DDNS/app/a.example\n"),
                        "\(loud.output)"
                    )
                    #expect(!loud.output.contains("not checked"))
                    let part = try report(try await audit(address, "--json", "--path", "/DDNS"))
                    #expect(part.counts == ["notUnderstood": 1])
                }
            }
        }
        server.program.signal(SIGKILL)
        #expect(await daemon.stop().status == 0)
    }

    @Test func `an address that answers is in order, and the connection is closed at once`()
        async throws
    {
        let daemon = try await Daemon(waitsForView: false)
        let port = daemon.console.split(separator: ":").last ?? ""
        try await withSession(daemon.registry) { session in
            let list = Array("127.0.0.1:\(port)".utf8)
            try await session.createWithParents("/DDNS/app/a.example", data: list)
            let outcome = try await audit(daemon.registry, "--connect", "127.0.0.1")
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(!outcome.output.contains("not checked"))
        }
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.zooKeeperServer))
    func `the sessions of an ensemble are asked of all of its servers`() async throws {
        let ensemble = try await Ensemble()
        let shy = try await ZooKeeperServer(words: "srvr")
        for server in [ensemble.connectString, shy.address] {
            try await withSession(server) { session in
                try await session.create("/own", mode: .ephemeral)
                let outcome = try await audit(server, "--json")
                #expect(outcome.status == 0, "\(outcome.output)")
                let unchecked = try report(outcome).unchecked
                guard server == shy.address else {
                    #expect(unchecked.isEmpty, "\(unchecked)")
                    return
                }
                #expect(unchecked.first == "whether the owners of ephemerals live")
                #expect(unchecked.last?.contains("add it to 4lw.commands.whitelist") == true)
            }
        }
        // A server that is away is said to be, and the others' word counts.
        try await withSession(ensemble.connectString) { session in
            try await session.create("/own", mode: .ephemeral)
            let follower = try #require(ensemble.followers.first)
            await ensemble.kill(follower)
            try await ensemble.waitForLeader()
            let outcome = try await audit(ensemble.connectString, "--json")
            #expect(outcome.status == 0, "\(outcome.output)")
            let unchecked = try report(outcome).unchecked
            #expect(unchecked.count == 1)
            #expect(unchecked.first?.hasPrefix(ensemble.address(follower)) == true, "\(unchecked)")
        }
    }

    @Test func `A1.16 a long list is found, and one that grows by what an earlier report has`()
        async throws
    {
        let daemon = try await Daemon(waitsForView: false)
        try await withSession(daemon.registry) { session in
            try await session.create("/queue")
            let name = String(repeating: "x", count: 200)
            func add(_ numbers: Range<Int>) async throws {
                for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 500) {
                    let end = min(start + 500, numbers.upperBound)
                    try await session.multi(
                        (start..<end).map { number in
                            .create(
                                CreateRequest(
                                    path: "/queue/\(name)\(number)",
                                    data: [],
                                    acl: ACL.openUnsafe,
                                    mode: .persistent
                                )
                            )
                        }
                    )
                }
            }
            try await add(1_000..<1_500)
            let folder = try TemporaryDirectory()
            let quiet = try await audit(daemon.registry, "--json")
            #expect(quiet.status == 0, "\(quiet.output)")
            #expect(try report(quiet).lists.map(\.path) == ["/queue"])
            let before = try folder.write("before.json", quiet.output)
            try await add(1_500..<2_000)
            let grown = try await audit(daemon.registry, "--since", before)
            #expect(grown.status == 1, "\(grown.output)")
            #expect(grown.output.contains("500 names more in 0 minutes, 500 changes"))
            #expect(grown.output.contains("full within a day"))
            try await add(2_000..<5_600)
            let long = try await audit(daemon.registry)
            #expect(long.status == 1)
            #expect(long.output.contains("    /queue: 91 % of 1 MiB, 4600 names"), "\(long.output)")
            let bad = try folder.write("bad.json", "{}")
            #expect(try await audit(daemon.registry, "--since", bad).status == 2)
            #expect(try await audit(daemon.registry, "--since", folder.path + "/none").status == 4)
        }
        #expect(await daemon.stop().status == 0)
    }

    @Test func `what cannot be read is said, and ends with 5 when nothing else was found`()
        async throws
    {
        let daemon = try await Daemon(waitsForView: false)
        try await withSession(daemon.registry) { session in
            try await session.addAuth(scheme: "digest", credential: Array("u:p".utf8))
            let mine = [ACL(.all, scheme: "auth", id: "")]
            try await session.create("/secret", acl: mine)
            try await session.create("/secret/child")
            let outcome = try await audit(daemon.registry)
            #expect(outcome.status == 5)
            #expect(outcome.output.contains("1 znode that this user may not read"))
            #expect(outcome.output.contains(": /secret\n"))
            let folder = try TemporaryDirectory()
            let file = try folder.write("auth", "digest u:p\n")
            #expect(try await audit(daemon.registry, "--auth", file).status == 0)
        }
        #expect(await daemon.stop().status == 0)
    }

    @Test(arguments: [
        (["--connect", "here"], Int32(2), "takes a network or an address, not 'here'"),
        (["--root", "dubbo"], 2, "--root dubbo is not a path"),
        (["--path", "/zookeeper"], 2, "belongs to the server"),
        (["--path", "/none"], 4, "/none does not exist"),
    ])
    func `what cannot be done is said`(words: [String], status: Int32, text: String) async throws {
        let daemon = try await Daemon(waitsForView: false)
        let outcome = try await Program.run(
            [Checkout.program("muster"), "audit", "--server", daemon.registry] + words
        )
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(await daemon.stop().status == 0)
    }

    @Test func `without a server it ends with 3`() async throws {
        let outcome = try await audit("127.0.0.1:\(try ZooKeeperServer.freePort())")
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("no ZooKeeper server answers"))
    }

    // MARK: What the tests share

    private struct Report: Decodable {
        struct Finding: Decodable {
            let kind: String
            let endpoint: String?
        }
        struct List: Decodable { let path: String }
        let counts: [String: Int]
        let findings: [Finding]
        let lists: [List]
        let unchecked: [String]
    }

    private func withSession(
        _ connectString: String,
        _ body: (ZooKeeperSession) async throws -> Void
    ) async throws {
        let loop = EventLoop(name: "t-audit")
        let configuration = try SessionConfiguration(connectString: connectString)
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await body(session)
            } catch {
                Issue.record(error, "on \(connectString)")
            }
            group.cancelAll()
        }
        loop.stop()
    }
}
