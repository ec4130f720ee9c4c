import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite(.needs(.zooKeeperServer)) struct ClientLifeTests {
    @Test func `A1.6 A1.7 a session starts without a server, and survives cut connections`()
        async throws
    {
        try await ServerStage.onBoth { stage, root in
            try await stage.withSession { session, relay in
                await relay.setDown(true)
                #expect(await session.state == .connecting)
                let early = await ServerStage.code { _ = try await session.exists(root) }
                #expect(early?.code == .notSent)
                await relay.setDown(false)
                #expect(await session.waitUntilConnected())
                try await session.create(root, mode: .ephemeral)
                let id = try #require(await session.identity).sessionID
                let watch = try await session.getData(watching: root).watch
                var states = await session.states.makeAsyncIterator()
                #expect(await states.next() == .connected(sessionID: id, resumed: false))
                for _ in 0..<3 {
                    await relay.cut()
                    #expect(await states.next() == .suspended)
                    #expect(
                        await states.next() == .connected(sessionID: id, resumed: true),
                        "on \(stage.name)"
                    )
                }
                #expect(try await session.exists(root)?.ephemeralOwner == id)
                try await session.setData(root, data: [1])
                var elements = watch.makeAsyncIterator()
                let event = WatchEvent(.nodeDataChanged, path: root)
                #expect(try await elements.next() == .event(event))
            }
        }
    }

    @Test func `A1.8 an idle session lives on its pings`() async throws {
        try await ServerStage.onBoth(tickMilliseconds: 200) { stage, root in
            try await stage.withSession(timeout: .milliseconds(600)) { session, relay in
                try await session.create(root, mode: .ephemeral)
                let id = try #require(await session.identity).sessionID
                // Pings are a third of the timeout apart: these are three timeouts.
                let isIdle = await eventually { await relay.count(.ping) >= 9 }
                #expect(isIdle)
                #expect(await session.state == .connected(sessionID: id, resumed: false))
                #expect(try await session.exists(root)?.ephemeralOwner == id)
            }
        }
    }

    @Test func `A1.9 after an expiry a new session has the watches, but no ephemerals`()
        async throws
    {
        try await ServerStage.onBoth(tickMilliseconds: 200, alsoOld: true) { stage, root in
            try await stage.withSession { other, _ in
                try await stage.withSession(timeout: .milliseconds(800)) { session, relay in
                    try await session.create(root, mode: .ephemeral)
                    let watch = try await session.watch(root, mode: .persistent)
                    let once = try await session.exists(watching: root + "-x").watch
                    let id = try #require(await session.identity).sessionID
                    await relay.setDown(true)
                    let isGone = try await eventually { try await other.exists(root) == nil }
                    #expect(isGone, "on \(stage.name)")
                    await relay.setDown(false)
                    var (elements, single) = (watch.makeAsyncIterator(), once.makeAsyncIterator())
                    #expect(try await single.next() == .resync(.expired))
                    #expect(try await single.next() == nil)
                    #expect(try await elements.next() == .resync(.expired))
                    #expect(await session.identity?.sessionID != id)
                    try await other.create(root, data: [1])
                    let event = WatchEvent(.nodeCreated, path: root)
                    #expect(try await elements.next() == .event(event), "on \(stage.name)")
                    try await other.delete(root)
                }
            }
        }
    }
}
