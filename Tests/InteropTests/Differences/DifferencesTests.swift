import Foundation
import TestSupport
import Testing

/// What `musterd` does otherwise than ZooKeeper 3.8 on purpose: one list, and each entry shown on both.
///
/// The program sends requests by hand that no client library sends. Where the first word of a line is the
/// id of a listed difference, the two servers differ as expected here; all other lines are the same.
@Suite(.timeLimit(.minutes(3))) struct DifferencesTests {
    private struct Shown {
        let there: String
        let here: String
    }

    /// What each server answers, up to what may vary.
    private static let shown: [String: Shown] = [
        "auth-in-order": Shown(there: "overtakes", here: "answered last"),
        "error-body": Shown(there: "error -5 and a body", here: "error -5"),
        "sync-without-path": Shown(there: "error 0", here: "error -5"),
        "check-alone": Shown(there: "silence", here: "error 0 body 0"),
        "create-session": Shown(there: "xid 0 error ", here: "error -6 then closed"),
        "delete-container": Shown(there: "error -8", here: "error -6"),
        "expiry-grain": Shown(
            there: "never early, the latest by most of a tick",
            here: "never early, the latest by less than half a tick"
        ),
        "password-first": Shown(
            there: "the owner's connection: closed",
            here: "the owner's connection: error 0"
        ),
        "failed-zxid": Shown(
            there: "the next change but one refused is zxid +2",
            here: "the next change but one refused is zxid +1"
        ),
        "quota-in-multi": Shown(
            there: "the second part: error 0",
            here: "the second part: error -101"
        ),
        "watch-modes": Shown(there: "1 events", here: "2 events"),
    ]

    /// Shown in another way, or elsewhere.
    private static let others: [String: String] = [
        "ttl-nodes": "against a ZooKeeper as it comes, below",
        "quota-warnings": "a matter of the log; QuotaWarningTests show ours",
        "java-environment": "a machine of Java's is not there; WordShapeTests show the rest",
        "words": "the words and their defaults are judged in Administration",
        "embedded-session": "the words and their defaults are judged in Administration",
        "loopback-connections": "the bound is a setting of both; RegistryServerTests count",
        "bounds": "showing the other side would take its memory; Abuse shows ours",
    ]

    @Test(.needs(.zooKeeperServer, .javaCompiler))
    func `each deliberate difference shows on both servers, and nothing else differs`()
        async throws
    {
        let classes = try TemporaryDirectory()
        try await Java.compile("Wire", into: classes)
        func wire(_ address: String, _ only: String...) -> [String] {
            Java.command + ["-cp", classes.path, "Wire", address] + only
        }
        let pair = try await SideBySide(
            tickMilliseconds: 2_000,
            settings: ["registry.enforceQuota=true"],
            properties: ["zookeeper.extendedTypesEnabled=true", "zookeeper.enforceQuota=true"]
        )
        async let theirs = Self.answers(wire(pair.server.address))
        let ours = try await Self.answers(wire(pair.daemon.registry))
        let expected = try await theirs
        #expect(expected.count > 250 && ours.count == expected.count)
        for (their, our) in zip(expected, ours) {
            try #require(their.name == our.name)
            guard let shown = Self.shown[their.id] else {
                #expect(our.answer == their.answer, "\(their.name)")
                continue
            }
            #expect(their.answer.hasPrefix(shown.there), "\(their.name): \(their.answer)")
            #expect(our.answer.hasPrefix(shown.here), "\(our.name): \(our.answer)")
            #expect(our.answer != their.answer, "\(our.name)")
        }
        #expect(Set(expected.map(\.id)).isSuperset(of: Self.shown.keys))
        await pair.stop()

        let plain = try await ZooKeeperServer()
        let ttl = try await Self.answers(wire(plain.address, "ttl-nodes"))
        #expect(ttl.map(\.answer) == ["error -6"])
        #expect(ours.first { $0.id == "ttl-nodes" }?.answer == "error 0 made")
    }

    @Test func `the list of differences that users read is the one that the tests know`()
        async throws
    {
        let help = try await Program.run([Checkout.program("muster"), "help", "zookeeper"])
        try #require(help.status == 0, "\(help.errors)")
        let listed = help.output.split(separator: "\n").filter { line in
            line.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }
        }
        #expect(Set(listed.map(String.init)) == Set(Self.shown.keys).union(Self.others.keys))
        #expect(Set(listed).count == listed.count)
        #expect(Set(Self.shown.keys).isDisjoint(with: Self.others.keys))
    }

    private struct Answer {
        let name: Substring
        let answer: Substring
        var id: String { String(name.prefix { $0 != " " }) }
    }

    private static func answers(_ words: [String]) async throws -> [Answer] {
        let outcome = try await Program.run(words)
        try #require(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
        return outcome.output.split(separator: "\n").map { line in
            let colon = line.range(of: ": ")
            return Answer(
                name: line[..<(colon?.lowerBound ?? line.endIndex)],
                answer: line[(colon?.upperBound ?? line.endIndex)...]
            )
        }
    }
}
