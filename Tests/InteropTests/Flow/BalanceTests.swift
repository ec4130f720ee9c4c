import Foundation
import TestSupport
import Testing

/// Who gets how many of the answers, seen from outside.
///
/// Covers A4.1 and A6.1.
@Suite(.timeLimit(.minutes(5))) struct BalanceTests {
    private let interface = "com.example.Balanced"

    private func start() async throws -> (Daemon, Program) {
        let daemon = try await Daemon()
        let names = (1...3).map {
            "dubbo%3A%2F%2F10.0.0.\($0)%3A20880%2F\(interface)%3Fapplication%3Dx"
        }
        let providers = try Program(
            [Peer.python, Checkout.script("register.py"), daemon.registry, "10", interface] + names
        )
        let name = "\(interface).dubbo.muster.internal"
        let ready = try await eventually {
            try await Dig(daemon.dns, name, "A").answers.count == 3
        }
        try #require(ready, "\(providers.errors) \(daemon.program.errors)")
        return (daemon, providers)
    }

    @Test(.needs(.kazoo, .dig))
    func `A6.1 three thousand resolve picks are a thousand each`() async throws {
        let (daemon, providers) = try await start()
        let outcome = try await daemon.muster("resolve", interface, "--count", "3000")
        let picks = outcome.output.split(separator: "\n")
        #expect(picks.count == 3_000, "\(outcome.errors)")
        for last in 1...3 { #expect(picks.filter { $0 == "10.0.0.\(last):20880" }.count == 1_000) }
        providers.closeInput()
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.kazoo, .dig), arguments: [[], ["+tcp"]])
    func `A6.1 three thousand dig answers start with each address a thousand times`(
        options: [String]
    ) async throws {
        let (daemon, providers) = try await start()
        let name = "\(interface).dubbo.muster.internal"
        let list = try daemon.directory.write(
            "questions",
            String(repeating: name + " A\n", count: 3_000)
        )
        let parts = daemon.dns.split(separator: ":").map(String.init)
        let outcome = try await Program.run(
            ["dig", "@" + parts[0], "-p", parts[1], "+short"] + options + ["-f", list],
            within: .seconds(120)
        )
        let lines = outcome.output.split(separator: "\n")
        try #require(lines.count == 9_000)
        var firsts: [Substring: Int] = [:]
        for index in stride(from: 0, to: lines.count, by: 3) {
            firsts[lines[index], default: 0] += 1
        }
        #expect(firsts.count == 3)
        for count in firsts.values { #expect((999...1_001).contains(count), "\(firsts)") }
        providers.closeInput()
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.kazoo, .dig))
    func `A4.2 garbage names are listed with their reason and change nothing for neighbours`()
        async throws
    {
        let (daemon, providers) = try await start()
        let garbage = [
            "dubbo%3A%2F%2F10.0.0.9%3fabc%3", "not-a-url",
            "dubbo%3A%2F%2F" + String(repeating: "a", count: 300) + "%3A20880%2Fx",
            "dubbo%3A%2F%2F10.0.0.9%3A99999%2F\(interface)",
        ]
        let bad = try Program(
            [Peer.python, Checkout.script("register.py"), daemon.registry, "10", interface]
                + garbage
        )
        let listed = try await eventually {
            let outcome = try await daemon.muster("instance", "ls", "--all", "--json")
            return outcome.output.components(separatedBy: "\"offender\"").count == 5
        }
        let shown = try await daemon.muster("instance", "ls", "--all")
        #expect(listed, "\(shown) \(bad.errors)")
        for word in ["99999", "not-a-url", "%3"] { #expect(shown.output.contains(word)) }
        let answer = try await Dig(daemon.dns, "\(interface).dubbo.muster.internal", "A")
        #expect(answer.answers.sorted() == ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        bad.closeInput()
        providers.closeInput()
        #expect(await daemon.stop().status == 0)
    }
}
