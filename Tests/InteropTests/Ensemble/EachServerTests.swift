import Foundation
import TestSupport
import Testing

/// An ensemble is one registry through whichever of its addresses it is reached.
@Suite(.timeLimit(.minutes(5))) struct EachServerTests {
    private let name = "com.example.GreeterService.dubbo.muster.internal"

    /// Everything there is, as `muster` reads it through one address.
    private func tree(_ address: String) async throws -> [String] {
        let outcome = try await Program.run([
            Checkout.program("muster"), "znode", "tree", "/", "--server", address, "--json",
        ])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode([String].self, from: Data(outcome.output.utf8))
    }

    /// What a daemon answers: addresses, ports, texts, and the addresses of the domain.
    private func answers(_ daemon: Daemon) async throws -> [[String]] {
        var answers: [[String]] = []
        for (name, type) in [
            (name, "A"), (name, "AAAA"), (name, "SRV"), (name, "TXT"),
            ("server.app1.company1.com", "A"),
        ] { answers.append(try await Dig(daemon.dns, name, type).answers.sorted()) }
        return answers
    }

    @Test(.needs(.dig, .kazoo, .zooKeeperServer))
    func `A11.1 each of three addresses alone gives the same tree and the same answers`()
        async throws
    {
        let ensemble = try await Ensemble()
        let addresses = Ensemble.numbers.map { ensemble.address($0) }
        let providers = try Program([
            Peer.python, Checkout.script("providers.py"), ensemble.connectString, "10",
        ])
        let isRegistered = await eventually { providers.output.contains("ready") }
        try #require(isRegistered, "\(providers.errors)")
        // What is written through one address is there through the others.
        var daemons: [Daemon] = []
        for (number, address) in addresses.enumerated() {
            let made = try await Program.run([
                Checkout.program("muster"), "znode", "create", "/through-\(number)", "--server",
                address,
            ])
            #expect(made.status == 0, "\(made.errors)")
            daemons.append(try await Daemon(settings: ["registry.connect=\(address)"]))
        }

        var trees: [[String]] = []
        let areAlike = try await eventually {
            trees = []
            for address in addresses { trees.append(try await tree(address)) }
            let daemonCount = trees[0].count { $0.hasPrefix("/muster/daemons/") }
            return daemonCount == 3 && trees.allSatisfy { $0 == trees[0] }
        }
        #expect(areAlike, "\(trees)")
        for number in addresses.indices { #expect(trees[0].contains("/through-\(number)")) }
        #expect(trees[0].count { $0.contains("/providers/dubbo") } == 3)

        for (daemon, address) in zip(daemons, addresses) {
            let status = try await daemon.muster("status", "--json").output
            #expect(status.contains("\"connect\":\"\(address)\""), "\(status)")
            let isComplete = try await eventually {
                try await answers(daemon).map(\.count) == [3, 1, 3, 3, 2]
            }
            #expect(isComplete, "\(address): \(daemon.program.errors)")
        }
        let expected = try await answers(daemons[0])
        #expect(expected[0] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        #expect(expected[4] == ["10.1.0.1", "10.1.0.2"])
        for daemon in daemons.dropFirst() { #expect(try await answers(daemon) == expected) }

        providers.send("close")
        for (daemon, address) in zip(daemons, addresses) {
            let isEmpty = try await eventually {
                try await answers(daemon).allSatisfy(\.isEmpty)
            }
            #expect(isEmpty, "\(address): \(daemon.program.errors)")
            #expect(await daemon.stop().status == 0)
        }
    }
}
