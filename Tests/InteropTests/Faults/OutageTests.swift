import Membership
import TestSupport
import Testing
import ZooKeeperClient

/// An ensemble that serves nobody for a while: what was known is answered, said to be stale, until it is back.
@Suite(.serialized, .timeLimit(.minutes(5 + Soak.factor))) struct OutageTests {
    @Test(.needs(.zooKeeperServer, .dig))
    func `A1.11 A1.14 without a majority answers go on, and registrations wait`() async throws {
        let ensemble = try await Ensemble()
        let daemon = try await Daemon(settings: Self.settings(ensemble))
        try await OutageWorld.withRegistrar(ensemble) { registrar, session in
            try await OutageWorld.register("10.3.0.1", at: registrar, in: daemon.dns)
            let owner = await session.identity?.sessionID
            let leader = try await ensemble.waitForLeader()
            let gone = [leader, try #require(ensemble.followers.first)]
            for number in gone { await ensemble.kill(number) }
            try await OutageWorld.expectStale(["10.3.0.1"], daemon.dns)

            let late = OutageWorld.path("10.3.0.2")
            try await registrar.register(path: late)
            let isWaiting = await eventually { await registrar.status(of: late) == .waiting }
            #expect(isWaiting)
            try await OutageWorld.expectStale(["10.3.0.1"], daemon.dns)

            try ensemble.start(gone[1])
            try await ensemble.waitForLeader()
            let both = ["10.3.0.1", "10.3.0.2"]
            try await OutageWorld.expectLive(both, daemon.dns, within: .seconds(60))
            #expect(await session.identity?.sessionID == owner)
        }
        #expect(await daemon.stop().status == 0)
    }

    @Test(.needs(.zooKeeperServer, .dig))
    func `A1.14 with all servers down a restarted daemon answers from what it kept`() async throws {
        let ensemble = try await Ensemble()
        let daemon = try CrashedDaemon(settings: Self.settings(ensemble))
        let witnessed = try await Daemon(settings: Self.settings(ensemble))
        try await daemon.start()
        try await OutageWorld.withRegistrar(ensemble) { registrar, session in
            try await OutageWorld.register("10.3.0.1", at: registrar, in: daemon.dns)
            try await OutageWorld.expectLive(["10.3.0.1"], witnessed.dns)
            let owner = await session.identity?.sessionID
            for number in Ensemble.numbers { await ensemble.kill(number) }
            try await OutageWorld.expectStale(["10.3.0.1"], daemon.dns)
            #expect(await daemon.stop() == 0)
            try await daemon.start()
            try await OutageWorld.expectStale(["10.3.0.1"], daemon.dns)
            // One that is killed has kept the view all the same.
            await daemon.kill()
            try await daemon.start()
            let down = ContinuousClock.now
            let isLong = try await eventually(within: .seconds(90)) {
                for server in [daemon.dns, witnessed.dns] {
                    try await OutageWorld.expectStale(["10.3.0.1"], server)
                }
                return down.duration(to: .now) >= .seconds(5 * min(Soak.factor, 12))
            }
            #expect(isLong)

            for number in Ensemble.numbers { try ensemble.start(number) }
            try await ensemble.waitForLeader()
            for server in [daemon.dns, witnessed.dns] {
                try await OutageWorld.expectLive(["10.3.0.1"], server, within: .seconds(5))
            }
            // The servers give all sessions their whole timeout when they are back.
            let isBack = await eventually(within: .seconds(5)) {
                await registrar.status(of: OutageWorld.path("10.3.0.1")) == .registered
            }
            #expect(isBack)
            #expect(await session.identity?.sessionID == owner)
            try await OutageWorld.register("10.3.0.2", at: registrar, in: daemon.dns)
        }
        #expect(await daemon.stop() == 0)
        #expect(await witnessed.stop().status == 0)
    }

    private static func settings(_ ensemble: Ensemble) -> [String] {
        ["registry.connect=\(ensemble.connectString)", "registry.sessionTimeout=40000"]
    }
}
