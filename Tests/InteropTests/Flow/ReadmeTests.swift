import Foundation
import TestSupport
import Testing

/// What README.md says is what the programs do: each example in it is run.
@Suite(.timeLimit(.minutes(5))) struct ReadmeTests {
    @Test(.needs(.dig, .kazoo))
    func `every line of the tour prints what the README shows`() async throws {
        let tour = try await ReadmeTour()
        var followed = 0
        for block in try ReadmeText().blocks {
            if block.language == "python" { try await tour.followScript(block.text) }
            guard block.language == "console" else { continue }
            for (command, output) in block.commands {
                try await tour.follow(command, expecting: output)
                followed += 1
            }
        }
        #expect(followed > 20)
        for path in try ReadmeText().spans where path.contains(/^\/(v1|live|ready|metrics)/) {
            #expect(try await tour.httpStatus(path) == "200", "\(path)")
        }
        await tour.end()
    }

    @Test func `every configuration in the README passes the check`() async throws {
        let blocks = try ReadmeText().blocks.filter { $0.language == "yaml" }
        #expect(!blocks.isEmpty)
        for block in blocks {
            let folder = try TemporaryDirectory()
            let file = try folder.write("muster.yaml", block.text)
            let outcome = try await Program(
                [Checkout.program("musterd"), "--check", "--config", file],
                directory: Checkout.root
            ).wait()
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test func `every command, option and key that the README names exists`() async throws {
        let daemonHelp = try await Program.run([Checkout.program("musterd"), "--help"]).output
        let runScript = try String(contentsOfFile: Checkout.root + "/deploy/run", encoding: .utf8)
        for span in try ReadmeText().spans {
            let words = span.split(separator: " ").map(String.init)
            let options = words.filter { $0.hasPrefix("--") }.map { option in
                String(option.prefix { $0 != "=" })
            }
            var help = daemonHelp + runScript
            if span.contains(/^(registry|dns|console|alerts|log)\.[a-zA-Z]/) {
                #expect(daemonHelp.contains("  \(span.prefix { $0 != ":" })"), "\(span)")
            } else if let script = words.first, script.hasPrefix("deploy/") {
                #expect(FileManager.default.isExecutableFile(atPath: Checkout.root + "/" + script))
                help = try String(contentsOfFile: Checkout.root + "/" + script, encoding: .utf8)
            } else if words.first == "muster", words.count > 1 {
                help = try await self.help(Array(words.dropFirst()))
            }
            for option in options { #expect(help.contains(option), "\(span)") }
        }
    }

    /// The help text of the command that the words begin with.
    private func help(_ words: [String]) async throws -> String {
        let name = words.prefix {
            $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-")
        }
        let ask = name.first == "help" ? Array(name) : ["help"] + name
        let outcome = try await Program.run([Checkout.program("muster")] + ask)
        #expect(outcome.status == 0, "muster \(words): \(outcome.errors)")
        return outcome.output
    }
}
