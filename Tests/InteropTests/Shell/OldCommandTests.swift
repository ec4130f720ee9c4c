import Foundation
import TestRegistry
import TestSupport
import Testing

/// Commands of zkCli 3.4 that 3.8 has no more, and lists too long for other clients.
@Suite(.timeLimit(.minutes(2))) struct OldCommandTests {
    private func shell(_ server: String, _ lines: [String]) async throws -> Program.Outcome {
        try await Program.run(
            [Checkout.program("muster"), "shell", "-server", server],
            input: lines.joined(separator: "\n") + "\n"
        )
    }

    @Test func `A12.4 A12.8 A12.16 ls2, rmr of a tree of 100 and redo do as they did`() async throws
    {
        let registry = try await TestRegistry.start()
        let tree = (0..<50).flatMap { ["create /r/\($0) x", "create /r/\($0)/y x"] }
        let made = try await shell(registry.connectString, ["create /r x"] + tree)
        let listed = try await shell(registry.connectString, ["ls2 /r/7", "stat /r/7"])
        let removed = try await shell(
            registry.connectString,
            ["rmr /r", "create /r again", "rmr /r", "redo 1", "redo 3", "ls /", "history"]
        )
        await registry.close()
        #expect(made.errors.components(separatedBy: "Created /r").count == 102, "\(made.errors)")
        let stat = listed.output.split(separator: "\n").suffix(23)
        #expect(stat.first == "[y]")
        #expect(Array(stat.dropFirst().prefix(11)) == Array(stat.suffix(11)))
        #expect(stat.last == "numChildren = 1")
        #expect(removed.errors.split(separator: "\n").last == "Node already exists: /r")
        // A redone line stands in the history as what was done.
        #expect(removed.output.contains("\n3 - create /r again\n4 - create /r again\n5 - ls /\n"))
        #expect(removed.status == 0)
    }

    @Test func `A12.10 A12.11 a quota that is exceeded is told of, and refuses nothing`()
        async throws
    {
        let daemon = try await Daemon(waitsForView: false)
        let lines = [
            "create /q x", "setquota -n 1 /q", "create /q/a x", "create /q/b x", "listquota /q",
        ]
        let outcome = try await shell(daemon.registry, lines)
        #expect(outcome.errors.contains("Created /q/a\nCreated /q/b\n"), "\(outcome.errors)")
        #expect(outcome.output.contains("count=1,"), "\(outcome.output)")
        #expect(outcome.output.contains("count=3,"), "\(outcome.output)")
        let line = "quota of /q: 2 nodes where 1 may be (soft limit, change made)"
        #expect(await eventually { daemon.program.errors.contains(line) })
        #expect(await daemon.stop().status == 0)
    }

    // A1.16
    @Test(.needs(.kazoo)) func `a list of 20,000 long names is read whole`() async throws {
        let registry = try await TestRegistry.start()
        let words = [Peer.python, "-B", Checkout.script("sessionlife.py"), registry.connectString]
        let made = try await Program.run(words + ["names"])
        #expect(made.status == 0, "\(made.errors)")
        let listed = try await shell(registry.connectString, ["ls /names"])
        await registry.close()
        #expect(listed.status == 0)
        let list = listed.output.split(separator: "\n").last ?? ""
        let names = list.dropFirst().dropLast().components(separatedBy: ", ")
        #expect(names.count == 20_000 && Set(names).count == 20_000)
        #expect(list.utf8.count > 1 << 20)
    }
}
