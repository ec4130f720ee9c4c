import Runtime
import ServiceModel
import Telemetry
import TestSupport
import Testing

@testable import ZooKeeperServer

/// Copies that the registry is asked for, of a store and without one.
@Suite struct RegistryBackupTests {
    private static func fail(_ server: isolated RegistryServer) { server.hasFailed = true }

    @Test func `without a store, or after its failure, it is said why there is no copy`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let copy = directory.path + "/copy"
        for hasStore in [false, true] {
            let loop = EventLoop(name: "registry")
            defer { loop.stop() }
            let store = StoreConfiguration(directory: directory.path + "/registry")
            let server = RegistryServer(
                loop: loop,
                configuration: RegistryConfiguration(
                    listen: .loopback(),
                    store: hasStore ? store : nil
                ),
                metrics: MetricsRegistry()
            )
            _ = try await server.start()
            if hasStore {
                #expect(try await server.backUp(to: copy) > 0)
                await Self.fail(server)
            }
            let error = await #expect(throws: RegistryError.self) {
                _ = try await server.backUp(to: copy)
            }
            let reason = hasStore ? "its disk has failed" : "keeps nothing on disk"
            #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
            await server.stop()
        }
    }
}
