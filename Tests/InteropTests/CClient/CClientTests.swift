import TestSupport
import Testing

/// ZooKeeper's own C client, as Debian packages it: the same lines from `musterd` and ZooKeeper 3.8.
@Suite(.timeLimit(.minutes(3))) struct CClientTests {
    /// Covers A1.1, A1.3, A1.17, A1.18, A1.20, A2.3, A2.4, A2.5, A2.11, A13.1 and A13.10.
    @Test(.needs(.zooKeeperLibrary, .zooKeeperServer))
    func `A2.11 a C program finds every call answered as ZooKeeper answers it`() async throws {
        let directory = try TemporaryDirectory()
        let program = directory.path + "/capi"
        let compiled = try await Program.run([
            "cc", "-Wall", "-DTHREADED", "-o", program, Checkout.script("capi.c"),
            Checkout.script("relay.c"), "-lzookeeper_mt", "-lpthread",
        ])
        try #require(compiled.status == 0, "\(compiled.errors)")
        #expect(compiled.errors.isEmpty, "\(compiled.errors)")
        // Without this property ZooKeeper has no TTL nodes.
        let pair = try await SideBySide(properties: ["zookeeper.extendedTypesEnabled=true"])
        let lines = try await pair.sameLines(within: .seconds(60)) { [program, $0] }
        for line in [
            "modes: ttl, sequence ok",
            "transactions:   1 bad version",
            "pipeline: in order 2000, last: create ok /many/n-0000001999",
            "reconnect: still its own 1",
            "resume: the first one is told: expired",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }
}
