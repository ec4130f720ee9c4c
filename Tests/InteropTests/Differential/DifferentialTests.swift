import Foundation
import Runtime
import ServiceModel
import TestRegistry
import TestSupport
import Testing
import ZooKeeperServer

/// The same random requests to the embedded registry and to ZooKeeper 3.8, each answer and event compared.
///
/// Covers A1.1, A1.3, A1.5, A1.15, A1.17, A1.18, A1.19, A1.20, A2.1, A2.2, A2.3, A2.4, A2.5, A2.6, A2.9, A2.10
/// and A2.11 with every request that a client can send and with requests that none does.
@Suite(.serialized, .timeLimit(.minutes(5 * Soak.factor))) struct DifferentialTests {
    /// `super:secret`.
    private static let superDigest = "super:lK75jTNcA+U9vtVEw5vB51mj/w4="

    @Test(.needs(.kazoo, .zooKeeperServer), arguments: [false, true])
    func `no answer and no event differs from ZooKeeper's`(enforcesQuotas: Bool) async throws {
        async let theirs = ZooKeeperServer(javaProperties: [
            "zookeeper.extendedTypesEnabled=true",
            "zookeeper.enforceQuota=\(enforcesQuotas)",
            "zookeeper.DigestAuthenticationProvider.superDigest=\(Self.superDigest)",
            // The two would look at different times.
            "znode.container.checkIntervalMs=86400000",
        ])
        let ours = try await TestRegistry.start(
            RegistryConfiguration(
                listen: .loopback(0),
                superDigest: Self.superDigest,
                enforceQuota: enforcesQuotas,
                reaperInterval: .seconds(86_400)
            )
        )
        let server = try await theirs
        var random = Seed.generator(1)
        for _ in 0..<Soak.factor {
            let seed = UInt32.random(in: 0..<UInt32.max, using: &random)
            let words = [
                Peer.python, "-B", Checkout.script("differential.py"), ours.connectString,
                server.address, "\(seed)", "1500",
            ]
            let outcome = try await Program.run(words, within: .seconds(120))
            #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.errors)")
            #expect(outcome.output.contains("no difference"))
        }
        server.program.signal(SIGKILL)
        await ours.close()
    }
}
