public import Membership
import Registrations
public import Runtime
public import ServiceModel
import Telemetry
public import ZooKeeperClient

/// Picks endpoints of one service from a live view, by weighted round robin.
///
/// Step of the data flow: behind the view, in the client's own process. It watches the one service that
/// its query names; after the first answer a pick asks nobody. While the registry is out of reach the
/// last known instances are picked. Owner: the loop of its session.
public actor EndpointResolver: LoopHandler {
    private nonisolated let loop: EventLoop
    private let aggregator: Aggregator
    private let query: ServiceQuery
    private var robin = RoundRobin()
    private var candidates: [Instance] = []
    private var candidatesOf: UInt64?
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var isReady = false
    private var hasEnded = false

    /// The loop, as Swift's runtime wants it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates a resolver that does nothing until `run`.
    ///
    /// - Parameters:
    ///   - loop: The loop that the session lives on.
    ///   - session: For the resolver alone; not run by others.
    ///   - query: What to pick from.
    ///   - membership: Where services stand in the tree.
    public init(
        loop: EventLoop,
        session: ZooKeeperSession,
        query: ServiceQuery,
        membership: MembershipConfiguration = MembershipConfiguration()
    ) {
        (self.loop, self.query) = (loop, query)
        aggregator = Aggregator(
            loop: loop,
            session: session,
            configuration: membership,
            metrics: MetricsRegistry()
        )
    }

    /// Follows the registry until the task is cancelled; once per resolver.
    public func run() async {
        await aggregator.attach(observer: { [weak self] batch in
            guard batch.view.freshness != .notReady else { return }
            self?.assumeIsolated { $0.becomeReady() }
        })
        await aggregator.run()
        hasEnded = true
        wakeWaiters()
    }

    /// Picks an instance; the first pick waits until the registry was read.
    ///
    /// - Parameter limit: How long the first pick waits.
    /// - Returns: An instance that serves and fits the query.
    /// - Throws: `ResolverError`: no such service, no instance, or no view in time.
    public func pick(within limit: Duration = .seconds(10)) async throws(ResolverError) -> Instance
    {
        if !isReady && !hasEnded {
            let timer = loop.setTimer(at: loop.now + limit, handler: self, token: 0)
            await withCheckedContinuation { waiters.append($0) }
            loop.cancelTimer(timer)
        }
        guard isReady else {
            throw ResolverError(.notReady, "the registry could not be read within \(limit)")
        }
        let view = aggregator.view.snapshot()
        guard let service = query.service(in: view) else {
            throw ResolverError(.noSuchService, "\(query.name) is not registered")
        }
        if candidatesOf != view.deltaNumber {
            candidates = query.select(view.services[service]?.instances.values ?? [])
            candidatesOf = view.deltaNumber
        }
        let now = EventLoop.unixNow()
        let weighted = candidates.map { (id: $0.id, weight: $0.effectiveWeight(at: now)) }
        guard let index = robin.pick(weighted) else {
            throw ResolverError(.noInstance, "\(query.name) has no live instance that fits")
        }
        return candidates[index]
    }

    /// Part of `LoopHandler`: a first pick has waited long enough.
    public nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { $0.wakeWaiters() }
    }

    private func becomeReady() {
        guard !isReady else { return }
        isReady = true
        wakeWaiters()
    }

    private func wakeWaiters() {
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume() }
    }
}
