import Membership
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import TestRegistry
import TestSupport
import ZooKeeperClient
import ZooKeeperProtocol

/// A registry, an aggregator that is told of its sessions' ends, and all of their tasks.
final class LiveRegistry: Sendable {
    let registry: TestRegistry
    let loop = EventLoop(name: "membership")
    let aggregator: Aggregator
    let metrics = MetricsRegistry()
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let batches = Mutex<[Aggregator.Batch]>([])

    init() async throws {
        let facts = FactRelay()
        registry = try await TestRegistry.start { facts.tell($0) }
        let session = ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(connectString: registry.connectString)
        )
        let configuration = MembershipConfiguration(hearsSessionEnds: true)
        aggregator = Aggregator(
            loop: loop,
            session: session,
            configuration: configuration,
            metrics: metrics
        )
        facts.listener.withLock { $0 = aggregator }
        await aggregator.attach { [weak self] (batch: Aggregator.Batch) in
            self?.batches.withLock { $0.append(batch) }
        }
        run { [aggregator] in await aggregator.run() }
    }

    var view: MembershipView { aggregator.view.snapshot() }

    /// All deltas so far, as short texts.
    var story: [String] {
        batches.withLock { $0.flatMap(\.deltas).map(Aggregation.describe) }
    }

    var notices: [Instant?] { batches.withLock { $0.map(\.noticedAt) } }

    func run(_ work: @escaping @Sendable () async -> Void) {
        let task = Task { await work() }
        tasks.withLock { $0.append(task) }
    }

    /// A session of another process.
    func session(timeout: Duration = .seconds(10)) throws -> ZooKeeperSession {
        let session = ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(
                connectString: registry.connectString,
                sessionTimeout: timeout
            )
        )
        run { await session.run() }
        return session
    }

    /// Ends all tasks, then the threads.
    func stop() async {
        let all = tasks.withLock { $0 }
        for task in all { task.cancel() }
        for task in all { await task.value }
        await registry.close()
        loop.stop()
    }

    /// The tree as a client reads it.
    func tree() async throws -> SimulatedRegistry {
        let reader = try session()
        var nodes: [String: SimulatedRegistry.Znode] = [:]
        var waiting = ["/dubbo", "/DDNS"]
        while let path = waiting.popLast() {
            guard try await reader.exists(path) != nil else { continue }
            let (data, stat) = try await reader.getData(path)
            nodes[path] = .init(
                data: data ?? [],
                czxid: stat.czxid,
                mzxid: stat.mzxid,
                owner: stat.ephemeralOwner
            )
            waiting += try await reader.getChildren(path).map { ZNodePath.join(path, $0) }
        }
        return SimulatedRegistry(nodes: nodes)
    }
}

/// Hands facts to an aggregator that is made after the registry.
private final class FactRelay: Sendable {
    let listener = Mutex<Aggregator?>(nil)

    func tell(_ fact: SessionFact) { listener.withLock { $0 }?.tell(fact) }
}
