import Foundation
import TestRegistry
import TestSupport
import Testing

/// `muster shell` and zkCli.sh 3.8, given the same lines.
@Suite(.needs(.zooKeeperServer, .zooKeeperShell), .timeLimit(.minutes(2)))
struct ShellDiffTests {
    private enum Shell: String, CaseIterable {
        case ours = "muster shell"
        case zkCli = "zkCli.sh"

        var words: [String] {
            switch self {
            case .ours: [Checkout.program("muster"), "shell"]
            case .zkCli: ["/usr/share/zookeeper/bin/zkCli.sh"]
            }
        }
    }

    /// Runs a shell with both streams in one, as a person sees them.
    private func run(
        _ shell: Shell,
        _ server: String,
        _ words: [String] = [],
        input: String = ""
    ) async throws -> Program.Outcome {
        try await Program.run(
            ["sh", "-c", "exec \"$@\" 2>&1", "sh"] + shell.words + ["-server", server] + words,
            input: input,
            environment: ["TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"]
        )
    }

    /// Runs a body with a fresh server of a kind.
    private func withServer(
        _ isEmbedded: Bool,
        _ body: (String) async throws -> Void
    ) async throws {
        if isEmbedded {
            let registry = try await TestRegistry.start()
            do {
                try await body(registry.connectString)
            } catch {
                Issue.record(error)
            }
            await registry.close()
        } else {
            let server = try await ZooKeeperServer(
                javaProperties: ["zookeeper.extendedTypesEnabled=true"]
            )
            try await body(server.address)
            withExtendedLifetime(server) {}
        }
    }

    @Test(arguments: [true, false])
    func `A12.1 to A12.19 both shells print the same of every command`(
        isEmbedded: Bool
    ) async throws {
        var transcripts: [Shell: ShellTranscript] = [:]
        for shell in Shell.allCases {
            try await withServer(isEmbedded) { server in
                let script = ShellScript.text(ShellScript.sections, server: server)
                let outcome = try await run(shell, server, input: script)
                #expect(outcome.status == 127, "the status of the last command")
                transcripts[shell] = ShellTranscript(outcome.output, server: server)
            }
        }
        let ours = try #require(transcripts[.ours])
        let theirs = try #require(transcripts[.zkCli])
        #expect(theirs.sections.count == ShellScript.sections.count + 1)
        #expect(ours.sections.count == theirs.sections.count)
        for (number, (own, their)) in zip(ours.sections, theirs.sections).enumerated() {
            let name = number == 0 ? "start" : ShellScript.sections[number - 1].name
            #expect(own == their, "\(name): \(difference(own, their))")
        }
        // zkCli's second thread may come to this event only when events are printed again.
        #expect(ours.events == theirs.events.filter { !$0.hasSuffix(" path:/silent") })
        #expect(theirs.events.count > 20)
    }

    /// The lines that one of two texts has and the other has not.
    private func difference(_ own: String, _ their: String) -> String {
        let (own, their) = (own.split(separator: "\n"), their.split(separator: "\n"))
        return own.difference(from: their).map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }.joined(separator: "\n")
    }

    @Test func `A12.1 a command on the command line exits with its status`() async throws {
        try await withServer(false) { server in
            for (words, status) in [
                (["ls", "/"], 0), (["get", "-s", "/none"], 1), (["set", "/"], 1), (["foo"], 127),
                (["listquota", "/"], 1), (["setquota", "-n", "0", "/"], 0),
            ] as [([String], Int32)] {
                let theirs = try await run(.zkCli, server, words)
                let ours = try await run(.ours, server, words)
                #expect(theirs.status == status, "\(words): \(theirs.output)")
                #expect(ours.status == status, "\(words): \(ours.output)")
                #expect(
                    ShellTranscript(ours.output, server: server)
                        == ShellTranscript(theirs.output, server: server),
                    "\(words)"
                )
            }
        }
    }

    /// Where both differ on purpose: what the manual says of it, the lines, and what each prints.
    private static let differences: [(title: String, lines: String, ours: String, theirs: String)] =
        [
            (
                "delete PATH VERSION and set PATH DATA VERSION heed the version",
                "create /v x\nset /v y 7\ndelete /v 7\nget /v", "version No is not valid : /v\nx\n",
                "Node does not exist: /v"
            ),
            (
                "a number that is none is answered with a sentence", "create /n x\nset -v x /n y",
                "version must be a number: x", "java.lang.NumberFormatException"
            ),
            (
                "addWatch with a bad path is answered with a sentence", "addWatch none",
                "Path must start with /", "java.lang.IllegalArgumentException"
            ),
            (
                "addauth SCHEME without a credential is answered with the usage",
                "addauth digest\nls /\nls /", "addauth scheme auth\n[zookeeper]", "state:AuthFailed"
            ),
            (
                "get -s PATH watch, ls -s PATH watch: the watch is set on PATH",
                "create /g x\nget -s /g watch", "numChildren = 0", "Path must start with /"
            ),
            ("rmr and ls2 work", "create /r x\nrmr /r\nget /r", "Node does not exist: /r", "\nx\n"),
            ("help prints the usage and succeeds", "help\nls /none", "whoami \nNode", "found help"),
            (
                "a line of blanks is passed over", "   \nls /none",
                "Welcome to ZooKeeper!\nNode does not exist: /none", "Command not found"
            ),
            (
                "setAcl -R ends each refusal with a line feed",
                "create /s x\ncreate /s/t x\nsetAcl -R /s a:b:r", "for /s\nKeeper",
                "for /sKeeper"
            ),
            ("version names muster", "version", "(muster ", "built on"),
            (
                "reconfig -file is refused", "reconfig -file /none", "-file is not read here",
                "Error processing /none"
            ),
        ]

    @Test func `A12.19 deliberate differences are as the manual says`() async throws {
        let manual = try await Program.run([Checkout.program("muster"), "help", "shell"]).output
        try await withServer(true) { server in
            for (title, lines, ours, theirs) in Self.differences {
                #expect(manual.contains("\n  " + title + "\n"), "\(title)")
                let theirOutput = try await run(.zkCli, server, input: lines + "\n").output
                #expect(theirOutput.contains(theirs), "\(title): \(theirOutput)")
                try await clean(server)
                let ourOutput = try await run(.ours, server, input: lines + "\n").output
                let ourText = ShellTranscript(ourOutput, server: server).sections.joined()
                let isOurs = ourText.contains(ours) || ourOutput.contains(ours)
                #expect(isOurs, "\(title): \(ourOutput)")
                try await clean(server)
            }
        }
    }

    private func clean(_ server: String) async throws {
        let lines = ["v", "n", "g", "r", "s"].map { "deleteall /\($0)\n" }.joined()
        _ = try await run(.ours, server, input: lines)
    }
}
