import Runtime
import Synchronization
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// Three ZooKeepers on one host, and what our client and tools make of them when some fail.
@Suite(.needs(.zooKeeperServer), .timeLimit(.minutes(4))) struct EnsembleTests {
    @Test func `A11.7 A11.8 A1.13 three servers on one host are a leader and two followers`()
        async throws
    {
        let ensemble = try await Ensemble()
        let leader = try #require(ensemble.leader)
        #expect(ensemble.followers == Ensemble.numbers.filter { $0 != leader })
        #expect(Set(ensemble.addresses.values).count == 3)
        let status = try await self.status(ensemble)
        #expect(status.status == 0, "\(status.errors)")
        #expect(try modes(status).sorted() == ["follower", "follower", "leader"])

        // One may go: the two others agree on a leader, and it comes back as a follower.
        await ensemble.kill(leader)
        let second = try await ensemble.waitForLeader()
        #expect(second != leader)
        let fewer = try await self.status(ensemble)
        #expect(fewer.status == 3)
        #expect(try modes(fewer).sorted() == ["down", "follower", "leader"])
        try ensemble.start(leader)
        #expect(try await ensemble.waitForLeader() == second)
        #expect(ensemble.mode(leader) == "follower")
    }

    @Test func `A1.12 what one server was told another one shows, and again after a new start`()
        async throws
    {
        let ensemble = try await Ensemble()
        try await withSession(ensemble.address(1)) { writer in
            try await writer.create("/told", data: Array("by 1".utf8))
            for number in [2, 3] {
                try await withSession(ensemble.address(number)) { reader in
                    try await reader.sync("/told")
                    #expect(try await reader.getData("/told").data == Array("by 1".utf8))
                }
            }
            await ensemble.kill(3)
            try await ensemble.waitForLeader()
            try await writer.setData("/told", data: Array("without 3".utf8))
        }
        try ensemble.start(3)
        try await ensemble.waitForLeader()
        try await withSession(ensemble.address(3)) { reader in
            try await reader.sync("/told")
            #expect(try await reader.getData("/told").data == Array("without 3".utf8))
        }
    }

    @Test func `A1.11 with two of three gone a session is suspended, and goes on when one is back`()
        async throws
    {
        let ensemble = try await Ensemble()
        let timeout = Duration.seconds(60)
        try await withSession(ensemble.connectString, timeout: timeout) { session in
            try await session.create("/mine", mode: .ephemeral)
            let owner = try #require(await session.identity?.sessionID)
            let seen = SeenStates()
            async let states: Void = seen.collect(await session.states)
            let leader = try #require(ensemble.leader)
            let gone = [leader, try #require(ensemble.followers.first)]
            for number in gone { await ensemble.kill(number) }
            let isSuspended = await eventually { seen.all.contains(.suspended) }
            #expect(isSuspended)
            // Nobody takes it: the one that is left serves nobody.
            let refusal = await #expect(throws: ZooKeeperError.self) {
                try await session.create("/late")
            }
            #expect(refusal?.code == .notSent || refusal?.code == .outcomeUnknown)

            try ensemble.start(gone[1])
            try await ensemble.waitForLeader()
            let isBack = await eventually(within: .seconds(60)) {
                seen.all.last == .connected(sessionID: owner, resumed: true)
            }
            #expect(isBack, "\(seen.all)")
            #expect(!seen.all.contains(.expired))
            #expect(try await session.exists("/mine")?.ephemeralOwner == owner)
            await session.close()
            await states
        }
    }

    @Test func `A1.6 a server that stops answering is left for another, with the same session`()
        async throws
    {
        let ensemble = try await Ensemble()
        try await withSession(ensemble.connectString, timeout: .seconds(20)) { session in
            try await session.create("/held", mode: .ephemeral)
            let owner = try #require(await session.identity?.sessionID)
            let leader = try #require(ensemble.leader)
            ensemble.freeze(leader)
            #expect(ensemble.condition(leader) == .frozen)
            let next = try await ensemble.waitForLeader()
            #expect(next != leader)
            let isHeld = await eventually(within: .seconds(60)) {
                do throws(ZooKeeperError) {
                    return try await session.exists("/held")?.ephemeralOwner == owner
                } catch {
                    return false
                }
            }
            #expect(isHeld)
            ensemble.thaw(leader)
            #expect(try await ensemble.waitForLeader() == next)
            #expect(ensemble.mode(leader) == "follower")
        }
        try await withSession(ensemble.connectString) { other in
            try await other.sync("/held")
            #expect(try await other.exists("/held") == nil)
        }
    }

    // MARK: What the tests share

    private func status(_ ensemble: Ensemble) async throws -> Program.Outcome {
        try await Program.run([
            Checkout.program("muster"), "server", "status", ensemble.connectString,
        ])
    }

    /// The second column of the table.
    private func modes(_ outcome: Program.Outcome) throws -> [Substring] {
        let rows = outcome.output.split(separator: "\n").filter { $0.hasPrefix("127.0.0.1:") }
        return try rows.prefix(3).map { row in
            try #require(row.split(separator: " ").dropFirst().first)
        }
    }

    private func withSession(
        _ connectString: String,
        timeout: Duration = .seconds(10),
        _ body: (ZooKeeperSession) async throws -> Void
    ) async throws {
        let loop = EventLoop(name: "t-ensemble")
        let configuration = try SessionConfiguration(
            connectString: connectString,
            sessionTimeout: timeout
        )
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await body(session)
            } catch {
                Issue.record(error, "on \(connectString)")
            }
            group.cancelAll()
        }
        loop.stop()
    }
}

/// The states that a session went through.
private final class SeenStates: Sendable {
    private let states = Mutex<[SessionState]>([])

    var all: [SessionState] { states.withLock { $0 } }

    func collect(_ stream: AsyncStream<SessionState>) async {
        for await state in stream { states.withLock { $0.append(state) } }
    }
}
