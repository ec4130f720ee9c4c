import TestSupport
import Testing

/// A daemon that the network cuts off from its ensemble, beside one that it does not.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PartitionTests {
    @Test(.needs(.zooKeeperServer, .dig), .needsNetwork)
    func `A1.14 who is cut off answers stale, is whole again soon, and nobody else notices`()
        async throws
    {
        let network = try TestNetwork()
        let ensemble = try await Ensemble(host: network.here)
        let settings = ["registry.connect=\(ensemble.connectString)"]
        let inside = try CrashedDaemon(wrapper: network.wrapper, settings: settings)
        let outside = try await Daemon(settings: settings)
        try await inside.start()
        try await OutageWorld.withRegistrar(ensemble) { registrar, _ in
            try await OutageWorld.register("10.4.0.1", at: registrar, in: outside.dns)
            let wrapper = network.wrapper
            try await OutageWorld.expectLive(["10.4.0.1"], inside.dns, through: wrapper)

            try network.cut()
            try await OutageWorld.expectStale(["10.4.0.1"], inside.dns, through: wrapper)
            try await OutageWorld.register("10.4.0.2", at: registrar, in: outside.dns)
            try await OutageWorld.expectStale(["10.4.0.1"], inside.dns, through: wrapper)

            try network.heal()
            let both = ["10.4.0.1", "10.4.0.2"]
            try await OutageWorld.expectLive(
                both,
                inside.dns,
                within: .seconds(5),
                through: wrapper
            )
            try await OutageWorld.expectLive(both, outside.dns)
        }
        #expect(!outside.program.errors.contains("lost"), "\(outside.program.errors)")
        #expect(await inside.stop() == 0)
        #expect(await outside.stop().status == 0)
    }
}
