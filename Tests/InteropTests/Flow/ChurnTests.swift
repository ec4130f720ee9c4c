import Membership
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient

/// Many clients change one tree at once, and the view follows by events alone.
///
/// Covers A2.8 and A2.9.
@Suite(.serialized, .timeLimit(.minutes(5 * Soak.factor))) struct ChurnTests {
    private static let clients = 50
    private static let changes = 10_000 * Soak.factor

    @Test(arguments: [[], [3_000, 7_000]])
    func `the view equals the tree after 10,000 changes, and no list is read twice`(
        cutsAt: [Int]
    ) async throws {
        let registry = try await TestRegistry.start(tickTime: .seconds(2))
        let loops = ["view", "relay", "clients-0", "clients-1"].map(EventLoop.init)
        defer { for loop in loops { loop.stop() } }
        let relay = CountingRelay(loop: loops[1], registry: registry.address)
        let aggregator = Self.aggregator(on: loops[0], through: relay)
        let sessions = (0...Self.clients).map { number in
            let servers = SessionConfiguration.Servers.hosts([registry.connectString])
            return ZooKeeperSession(
                loop: loops[2 + number % 2],
                configuration: SessionConfiguration(servers: servers)
            )
        }
        let reader = sessions[Self.clients]
        try await withThrowingTaskGroup { group in
            for session in sessions { group.addTask { await session.run() } }
            try await ChurnClient.prepare(reader)
            group.addTask { await aggregator.run() }
            try await Self.churn(Array(sessions.dropLast()), cutsAt, relay)
            // Some clients end, so that many registrations go at once.
            for session in sessions.prefix(10) { await session.close() }
            let tree = try await TreePicture(reading: reader)
            let isEqual = await eventually {
                TreePicture(aggregator.view.snapshot()) == tree
            }
            let view = TreePicture(aggregator.view.snapshot())
            #expect(isEqual, "\(view.difference(from: tree).prefix(10))")
            #expect(tree.services.count >= ChurnClient.services.count + ChurnClient.domains.count)
            #expect(aggregator.view.snapshot().freshness == .live)
            group.cancelAll()
        }
        let listings = await relay.listings
        #expect(listings.count == cutsAt.count + 1)
        #expect(listings.first?["/dubbo"] == 1)
        for listed in listings {
            #expect(listed.filter { $0.value > 1 } == [:], "listed more than once")
        }
        #expect(await relay.faults == [])
        await registry.close()
    }

    private static func aggregator(on loop: EventLoop, through relay: CountingRelay) -> Aggregator {
        Aggregator(
            loop: loop,
            session: ZooKeeperSession(
                loop: loop,
                configuration: SessionConfiguration(
                    servers: .descriptor { try await relay.connect() }
                )
            ),
            configuration: MembershipConfiguration(),
            metrics: MetricsRegistry()
        )
    }

    /// Has all clients change the tree until the changes are made; cuts the relay at the given ones.
    private static func churn(
        _ sessions: [ZooKeeperSession],
        _ cutsAt: [Int],
        _ relay: CountingRelay
    ) async throws {
        let made = Counter()
        try await withThrowingTaskGroup { group in
            for (number, session) in sessions.enumerated() {
                group.addTask {
                    var client = ChurnClient(session, number: number)
                    for _ in 0..<changes / clients {
                        while try await !client.step() {}
                        guard cutsAt.contains(made.next()) else { continue }
                        #expect(await eventually { await relay.hasAsked("/dubbo") })
                        await relay.cut()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(made.value == changes)
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }
}
