import Foundation
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
        #expect(first.directory != second.directory)
        #expect(first.connectString == "127.0.0.1:\(first.address.port)")
        #expect(await first.server.status().znodes == 4)
        await first.stop()
        // The port is free again.
        let third = try await TestRegistry.start(
            RegistryConfiguration(listen: .loopback(first.address.port))
        )
        #expect(third.address == first.address)
        for registry in [first, second, third] { await registry.close() }
    }

    // A14.7
    @Test func `the directory stays until close, the port over a restart`() async throws {
        let registry = try await TestRegistry.start()
        let file = registry.directory + "/kept"
        #expect(FileManager.default.createFile(atPath: file, contents: Data([1])))
        let zxid = await registry.server.status().zxid
        await registry.stop()
        await registry.stop()
        #expect(FileManager.default.fileExists(atPath: file))
        try await registry.restart()
        let status = await registry.server.status()
        #expect(status.address == registry.address)
        #expect(status.zxid > zxid)
        // Without a stop before it, too.
        try await registry.restart()
        #expect(await registry.server.status().zxid > status.zxid)
        await registry.close()
        #expect(!FileManager.default.fileExists(atPath: registry.directory))
        await registry.close()
    }
}
