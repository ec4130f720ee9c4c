public import Runtime
public import ServiceModel
import Synchronization
public import Telemetry
public import ZooKeeperClient
import ZooKeeperProtocol

/// Keeps a published view equal to the services in a registry's tree, over a session of its own.
///
/// Step of the data flow: between a session and all who answer, resolve, alert or show. The engine
/// decides; this shell hands it the session's events in wire order, a batch a wake-up, and carries out
/// what it wants. Owner: the loop of its session, on which observers are called too, so that the answer
/// table is written without a hop.
public actor Aggregator: LoopHandler {
    /// One batch of changes, made known.
    public struct Batch: Sendable {
        /// What changed, in order; empty when only the freshness did.
        public let deltas: [ViewDelta]
        /// The view with all of it.
        public let view: MembershipView
        /// When the oldest event behind the deltas arrived; nil for a first reading.
        public let noticedAt: Instant?
    }

    /// The newest view.
    public nonisolated let view: Published<MembershipView>
    /// Where its session stands.
    public nonisolated let sessionState = Published<SessionState>(.connecting)
    private nonisolated let loop: EventLoop
    private nonisolated let facts = Mutex<[SessionFact]>([])
    private let session: ZooKeeperSession
    private let log = Log("membership")
    private let metrics: AggregatorMetrics
    private var engine: AggregatorEngine
    private var observers: [@Sendable (Batch) -> Void] = []
    private var timer: (id: TimerID, at: Instant)?

    /// The loop, as Swift's runtime wants it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates an aggregator that does nothing until `run`.
    ///
    /// - Parameters:
    ///   - loop: The loop that the session lives on.
    ///   - session: For the aggregator alone; not run by others.
    ///   - configuration: What to look at.
    ///   - metrics: Where its numbers are shown.
    public init(
        loop: EventLoop,
        session: ZooKeeperSession,
        configuration: MembershipConfiguration,
        metrics: MetricsRegistry
    ) {
        (self.loop, self.session) = (loop, session)
        engine = AggregatorEngine(configuration)
        view = Published(MembershipView())
        self.metrics = AggregatorMetrics(metrics, view)
    }

    /// Shows what was known before the start until the registry was read; only before `run`.
    ///
    /// - Parameter view: As `RememberedView.stale` makes it.
    public func remember(_ view: MembershipView) {
        engine.remember(view)
        carryOut()
    }

    /// Runs the session and follows the tree, until the task is cancelled; once per aggregator.
    public func run() async {
        await session.attach { [weak self] events in
            self?.assumeIsolated { $0.take(events) }
        }
        await session.run()
    }

    /// Calls a closure on the loop with each batch, after the view is made and before it is published.
    ///
    /// - Parameter observer: Must not block; called in the order of attachment.
    public func attach(observer: @escaping @Sendable (Batch) -> Void) { observers.append(observer) }

    /// Calls a closure as the other form does, without the moment.
    ///
    /// - Parameter sink: Gets no deltas when only the freshness changed.
    public func attach(sink: @escaping @Sendable ([ViewDelta], MembershipView) -> Void) {
        attach { batch in sink(batch.deltas, batch.view) }
    }

    /// Tells how a session stands, from any thread, before the znodes go that it explains.
    ///
    /// At most 131,072 wait; then new ones are dropped, and departures tell less.
    public nonisolated func tell(_ fact: SessionFact) {
        guard fact.kind == .closed || fact.kind == .expired else { return }
        let count = facts.withLock { facts in
            if facts.count < Limits.factsMax { facts.append(fact) }
            return facts.count
        }
        guard count == Limits.factsPostedAt else { return }
        loop.post { [weak self] in self?.assumeIsolated { $0.takeFacts() } }
    }

    /// Part of `LoopHandler`: the pause after a failure is over.
    public nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            me.timer = nil
            me.engine.retry(at: me.moment())
            me.carryOut()
        }
    }

    private func moment() -> AggregatorEngine.Moment { .init(loop.now, EventLoop.unixNow()) }

    private func take(_ events: [SessionEvent]) {
        takeFacts()
        let moment = moment()
        for event in events {
            if case .state(let state) = event { sessionState.publish(state) }
            switch event {
            case .state(.connected): engine.connected(at: moment)
            // Closed by us: nothing is lost, and nobody follows the view any more.
            case .state(.closed): break
            case .state(.authFailed):
                log.error("the registry refuses a credential; a start with another one is needed")
                fallthrough
            case .state: engine.disconnected(at: moment)
            case .watch(let watch): engine.receive(watch, at: moment)
            case .reply(let tag, let result, let zxid):
                let reply = result.mapError(ErrorCode.init)
                engine.receive(reply, tag: tag, zxid: zxid, at: moment)
            }
        }
        carryOut()
    }

    private func takeFacts() {
        let told = facts.withLock { facts in
            defer { facts.removeAll(keepingCapacity: facts.count <= Limits.factsPostedAt) }
            return facts
        }
        for fact in told { engine.tell(fact) }
    }

    private func carryOut() {
        let output = engine.takeOutput()
        if !output.requests.isEmpty {
            let requests = output.requests.map { (request: $0.request, tag: $0.tag) }
            session.assumeIsolated { $0.submit(requests) }
        }
        for warning in output.warnings { log.warning(warning) }
        arm(output.retryAt)
        guard !output.deltas.isEmpty || output.isFreshnessChanged else { return }
        let batch = Batch(deltas: output.deltas, view: engine.view, noticedAt: output.noticedAt)
        for observer in observers { observer(batch) }
        view.publish(batch.view)
        metrics.note(batch)
        if output.isFreshnessChanged { logFreshness(batch.view) }
    }

    private func arm(_ deadline: Instant?) {
        guard deadline != timer?.at else { return }
        if let timer { loop.cancelTimer(timer.id) }
        timer = deadline.map { (loop.setTimer(at: $0, handler: self, token: 0), $0) }
    }

    private func logFreshness(_ view: MembershipView) {
        switch view.freshness {
        case .notReady: break
        case .live:
            log.info("live: \(view.services.count) services, \(view.instanceCount) instances")
        case .stale:
            let what = engine.hasConnected ? "no connection to the registry" : "not connected yet"
            log.warning(
                "\(what): the last known view stays: \(view.services.count) services, "
                    + "\(view.instanceCount) instances"
            )
        }
    }
}

extension ErrorCode {
    /// The code that means to an engine what happened to a request of a session.
    init(_ error: ZooKeeperError) {
        switch error.code {
        case .refused: self = error.server
        case .overloaded: self = .throttledOp
        case .badArgument: self = .badArguments
        case .badReply: self = .marshallingError
        default: self = .connectionLoss
        }
    }
}
