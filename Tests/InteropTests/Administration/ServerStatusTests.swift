import Foundation
import TestSupport
import Testing

/// `muster server status` against our registry, ZooKeeper 3.8, what is neither, and nobody.
@Suite(.timeLimit(.minutes(3))) struct ServerStatusTests {
    private func status(_ words: String...) async throws -> Program.Outcome {
        try await Program.run([Checkout.program("muster"), "server", "status"] + words)
    }

    /// The row of the table that begins with the server.
    private func row(_ outcome: Program.Outcome, _ server: String) -> [Substring] {
        let line = outcome.output.split(separator: "\n").first { $0.hasPrefix(server + "  ") } ?? ""
        return line.split(separator: " ")
    }

    @Test(.needs(.zooKeeperServer))
    func `all kinds of servers are told from each other, at once`() async throws {
        async let open = ZooKeeperServer()
        async let narrow = ZooKeeperServer(words: "srvr")
        let daemon = try await Daemon()
        let (whole, shy) = (try await open.address, try await narrow.address)
        let closed = "127.0.0.1:\(try ZooKeeperServer.freePort())"
        let web = String(daemon.console.dropFirst("http://".count))

        let good = try await status(daemon.registry, whole)
        #expect(good.status == 0, "\(good.errors)")
        for server in [daemon.registry, whole] {
            #expect(row(good, server).prefix(3).dropFirst() == ["standalone", "3.8.0"])
            #expect(row(good, server).dropFirst(4).first.flatMap { Int($0) } != nil, "sessions")
        }

        let half = try await status(shy)
        #expect(half.status == 0)
        #expect(row(half, shy).dropFirst(4).first == "-")
        #expect(half.output.contains("srvr only"))
        #expect(half.output.contains("4lw.commands.whitelist=srvr,mntr"))

        let began = ContinuousClock.now
        let mixed = try await status("--json", "\(daemon.registry),\(closed),\(web)/x", shy)
        #expect(ContinuousClock.now - began < .seconds(20))
        #expect(mixed.status == 3)
        let reports = try JSONDecoder().decode([Report].self, from: Data(mixed.output.utf8))
        #expect(reports.map(\.state) == ["up", "down", "foreign", "up"])
        #expect(reports[0].readOnly == false)
        #expect(reports[1].problem?.contains("refused") == true, "\(reports[1])")
        #expect(mixed.errors.contains("2 of 4 servers are not up"))
    }

    @Test func `a name that has no address is not taken for a bad way of writing`() async throws {
        // No server of names is asked for a name with an empty label.
        let outcome = try await status("zk1..example", "127.0.0.1:99999")
        #expect(outcome.status == 3)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.filter { $0.hasSuffix("give the address in its place") }.count == 1)
        #expect(lines.filter { $0.hasSuffix("write it as HOST:PORT") }.count == 1)
    }

    @Test func `without a server the daemon's own is asked, with its connect string`() async throws
    {
        let daemon = try await Daemon()
        let outcome = try await daemon.muster("server", "status")
        #expect(outcome.status == 0)
        #expect(row(outcome, daemon.registry).dropFirst().first == "standalone")
        let shut = try await Daemon(
            settings: ["registry.connect=127.0.0.1:\(try ZooKeeperServer.freePort())"],
            waitsForView: false
        )
        #expect(try await shut.muster("server", "status").status == 3)
    }

    @Test func `a server that takes connections and says nothing is given up in time`() async throws
    {
        // A shell that listens on no loop: the kernel takes the connection, nobody reads it.
        let port = try ZooKeeperServer.freePort()
        let program = try Program([
            "python3", "-c",
            """
            import socket, sys
            s = socket.create_server(("127.0.0.1", \(port)))
            print("listening", flush=True)
            sys.stdin.read()
            """,
        ])
        try #require(await eventually { program.output.contains("listening") })
        let outcome = try await status("--timeout", "1", "127.0.0.1:\(port)")
        #expect(outcome.status == 3)
        #expect(outcome.output.contains("does not answer within 1 s"))
        program.closeInput()
        _ = await program.wait()
    }

    private struct Report: Decodable {
        let state: String
        let readOnly: Bool?
        let problem: String?
    }
}
