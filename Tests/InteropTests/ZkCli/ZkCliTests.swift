import Foundation
import TestSupport
import Testing

/// The real zkCli.sh 3.8, with one script against `musterd` and against ZooKeeper 3.8.
///
/// Times, session ids, addresses and the absolute zxids are made alike first; the order of the zxids stays.
/// Printed watch events come from a thread of their own and are compared by themselves.
@Suite(.timeLimit(.minutes(2))) struct ZkCliTests {
    /// Covers A1.1, A1.3, A1.4, A1.5, A1.17, A1.18, A1.19, A1.20, A2.1, A2.3, A2.4, A2.9, A11.9 as the shell shows them.
    @Test(.needs(.zooKeeperServer, .zooKeeperShell))
    func `zkCli.sh prints the same for every command on both servers`() async throws {
        let pair = try await SideBySide(
            tickMilliseconds: 2_000,
            properties: ["zookeeper.extendedTypesEnabled=true"]
        )
        let file = Checkout.script("ZkCli/commands.txt")
        let script = try String(contentsOfFile: file, encoding: .utf8)
        async let theirs = Transcript(of: script, on: pair.server.address)
        let ours = try await Transcript(of: script, on: pair.daemon.registry)
        let expected = try await theirs
        #expect(Self.changes(ours.output, expected.output) == "")
        #expect(Self.changes(ours.errors, expected.errors) == "")
        #expect(Self.changes(ours.events, expected.events) == "")
        // The script was carried out to its end, and not only refused.
        #expect(expected.output.count > 150 && expected.errors.count > 150)
        #expect(expected.events.count > 13)
        await pair.stop()
    }

    private static func changes(_ ours: [Substring], _ theirs: [Substring]) -> String {
        ours.difference(from: theirs).map { change in
            switch change {
            case .insert(let offset, let line, _): "musterd \(offset + 1): \(line)"
            case .remove(let offset, let line, _): "ZooKeeper \(offset + 1): \(line)"
            }
        }.joined(separator: "\n")
    }
}

/// What zkCli.sh wrote, without what may vary.
private struct Transcript {
    var output: [Substring] = []
    var errors: [Substring] = []
    var events: [Substring] = []

    init(of script: String, on address: String) async throws {
        let outcome = try await Program.run(
            ["/usr/share/zookeeper/bin/zkCli.sh", "-server", address],
            input: script.replacing("ADDRESS", with: address)
        )
        try #require(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        errors = outcome.errors.replacing(address, with: "ADDRESS").split(separator: "\n")
        let text = outcome.output.replacing(address, with: "ADDRESS")
            .replacing(/([cm]time = )(?!Thu Jan 01 00:00:00).*/) { $0.1 + "TIME" }
            .replacing(/(ephemeralOwner = )0x[1-9a-f][0-9a-f]*/) { $0.1 + "SESSION" }
        var zxids: Set<Int64> = []
        for match in text.matches(of: /[cmp]Zxid = 0x([0-9a-f]+)/) {
            zxids.insert(try #require(Int64(match.1, radix: 16)))
        }
        let order = zxids.sorted()
        let ranked = text.replacing(/([cmp]Zxid = )0x([0-9a-f]+)/) { match in
            let rank = Int64(match.2, radix: 16).flatMap(order.firstIndex)
            return match.1 + "number \(rank ?? -1)"
        }
        for line in ranked.split(separator: "\n") where line != "WATCHER::" {
            if line.hasPrefix("WatchedEvent ") {
                // At its end the program may be gone before its own thread prints this.
                if !line.hasPrefix("WatchedEvent state:Closed") { events.append(line) }
            } else {
                output.append(Self.sorted(line))
            }
        }
    }

    /// Names of children and ephemerals come in any order.
    private static func sorted(_ line: Substring) -> Substring {
        guard line.hasPrefix("["), line.hasSuffix("]") else { return line }
        let names = line.dropFirst().dropLast().split(separator: ", ").sorted()
        return "[" + names.joined(separator: ", ") + "]"
    }
}
