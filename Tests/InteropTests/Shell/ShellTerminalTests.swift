import Foundation
import TestRegistry
import TestSupport
import Testing

/// `muster shell` as a person at a terminal sees it, typed by a program on a pseudo terminal.
@Suite(.needs(.kazoo), .timeLimit(.minutes(2))) struct ShellTerminalTests {
    /// Types lines of keys, each followed by a text that has to come, and returns the screen.
    private func type(
        _ lines: [(keys: String, text: String)],
        server: String,
        state: String
    ) async throws -> Program.Outcome {
        let script = lines.map { "\($0.keys)\t\($0.text)\n" }.joined()
        return try await Program.run(
            [
                Peer.python, Checkout.script("terminal.py"), Checkout.program("muster"), "shell",
                "-server", server,
            ],
            input: script,
            environment: ["STATE_DIRECTORY": state, "LC_ALL": "C.UTF-8"]
        )
    }

    private func withRegistry(
        _ body: (_ server: String, _ state: String) async throws -> Void
    )
        async throws
    {
        let registry = try await TestRegistry.start()
        let directory = try TemporaryDirectory()
        do {
            try await body(registry.connectString, directory.path + "/state")
        } catch {
            Issue.record(error)
        }
        await registry.close()
    }

    @Test func `A12.1 prompt, completion, watch events and keys work on a terminal`() async throws {
        try await withRegistry { server, state in
            let other = "\(Checkout.program("muster")) shell -server \(server)"
            let outcome = try await type(
                [
                    ("", "[zk: \(server)(CONNECTED) 0] "),
                    // The commands and the paths of the server complete.
                    ("cre\\tx\\x7f", "create "), ("/long x\\n", "Created /long"),
                    ("", "(CONNECTED) 1] "), ("ls /lo\\t\\n", "[]\\r\\n"),
                    ("", "(CONNECTED) 2] "), ("delete\\t", "delete  deleteall"),
                    // Ctrl-C throws the line away and the number stays.
                    ("\\x03", "^C\\r\\n"), ("", "(CONNECTED) 2] "),
                    // An event comes while a line is typed: the line is drawn again and can go on.
                    ("get -w /long\\n", "\\r\\nx\\r\\n"), ("", "(CONNECTED) 3] "),
                    ("set /lo", "set /lo"), ("!\(other) set /long y", "NodeDataChanged path:/long"),
                    ("", "(CONNECTED) 3] set /lo"), ("ng z\\n", "(CONNECTED) 4] "),
                    ("get /long\\n", "\\r\\nz\\r\\n"), ("", "(CONNECTED) 5] "),
                    // Earlier lines come back by arrow, letters outside ASCII are whole.
                    ("\\x1b[A\\x1b[A", "set /long z"), ("\\xe9\\xe9\\x7f\\n", "(CONNECTED) 6] "),
                    ("get /long\\n", "\\r\\nz\\u00e9\\r\\n"), ("", "(CONNECTED) 7] "),
                    ("addauth digest secret:secret\\n", "(CONNECTED) 8] "),
                    ("close\\n", "(CLOSED) 9] "), ("connect\\n", "(CONNECTED) 10] "),
                    ("\\x04", ""),
                ],
                server: server,
                state: state
            )
            #expect(outcome.output.hasSuffix("\nstatus 0\n"), "\(outcome.output)\(outcome.errors)")
            let kept = try String(contentsOfFile: state + "/shell_history", encoding: .utf8)
            #expect(kept.contains("set\\040/long\\040z"))
            #expect(!kept.contains("secret"))
            let again = try await type(
                [
                    ("", "(CONNECTED) 0] "), ("\\x1b[A", "connect"), ("\\x03", "^C"),
                    ("quit\\n", ""),
                ],
                server: server,
                state: state
            )
            #expect(again.output.hasSuffix("\nstatus 0\n"), "\(again.output)\(again.errors)")
        }
    }

    @Test func `without a server a command says why`() async throws {
        let server = "127.0.0.1:\(try ZooKeeperServer.freePort())"
        let outcome = try await Program.run([
            Checkout.program("muster"), "shell", "-server", server, "ls", "/",
        ])
        #expect(outcome.status == 1)
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.first == "KeeperErrorCode = ConnectionLoss for /")
        #expect(
            lines.last?.hasSuffix("(\(server)): connection to \(server): Connection refused")
                == true,
            "\(lines)"
        )
    }

    @Test func `ephemerals go at Ctrl-D`() async throws {
        try await withRegistry { server, state in
            let outcome = try await type(
                [
                    ("", "(CONNECTED) 0] "), ("create -e /here\\n", "Created /here"),
                    ("", "(CONNECTED) 1] "), ("\\x04", ""),
                ],
                server: server,
                state: state
            )
            #expect(outcome.output.hasSuffix("\nstatus 0\n"), "\(outcome.output)\(outcome.errors)")
            let listing = try await Program.run([
                Checkout.program("muster"), "shell", "-server", server, "ls", "/",
            ])
            #expect(listing.output.hasSuffix("[zookeeper]\n"), "\(listing.output)")
        }
    }
}
