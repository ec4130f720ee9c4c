import Runtime
import ServiceModel
import TestRegistry
import Testing
import ZooKeeperServer

@Suite struct TestRegistryTests {
    // A14.7
    @Test func `registries side by side have ports of their own and end when told`() async throws {
        let first = try await TestRegistry.start()
        let second = try await TestRegistry.start(RegistryConfiguration(listen: nil))
        #expect(first.address.port != 0)
        #expect(first.address.port != second.address.port)
        #expect(first.connectString == "127.0.0.1:\(first.address.port)")
        #expect(await first.server.status().znodes == 4)
        await first.stop()
        // The port is free again.
        let third = try await TestRegistry.start(
            RegistryConfiguration(listen: .loopback(first.address.port))
        )
        #expect(third.address == first.address)
        await second.stop()
        await third.stop()
    }
}
