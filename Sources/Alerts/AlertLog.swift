import Runtime
public import ServiceModel
import Synchronization
public import Telemetry

/// Turns deltas into numbered events and hands them to the log, the history, readers and webhooks.
///
/// Step of the data flow: behind the aggregator. `record` only appends to a bounded list, as it runs on
/// the aggregator's loop; `run` does the rest in a task. Readers have no queues of their own: each is a
/// place in the one history, so a slow one costs nothing and is told when it was overtaken.
/// Invariant: an event is in the history before anyone is woken for it.
public final class AlertLog: Sendable {
    /// What deltas tell of.
    public enum Origin: Sendable {
        /// What was there before: the first view. Nobody is alerted; numbering goes on behind it.
        case baseline
        /// What happened before this run, and came out when the registry was read.
        case earlier
        /// Something that happened.
        case change
    }

    /// Where a reader starts.
    public enum Position: Equatable, Sendable {
        /// With what happens from now on.
        case now
        /// With the oldest event that is still held.
        case oldest
        /// Behind an event that the reader has seen.
        case after(EventID)
    }

    /// Names this run of the daemon in event ids.
    public let stream: String

    private struct State {
        var pending: [Step] = []
        var isLossSaid = false
        var history = EventHistory(capacity: Limits.historyCount)
        var readers: [UInt64: @Sendable () -> Void] = [:]
        var nextReader: UInt64 = 1
        var isClosed = false
    }

    private enum Step {
        case baseline(upTo: UInt64)
        case delta(ViewDelta, isEarlier: Bool)
        case company(AlertCompany)
    }

    private enum ToldStep {
        case skip(to: UInt64)
        case event(AlertShare.Notice)
        case company(AlertCompany)
    }

    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let webhooks: WebhookSender?
    /// Nil where no other daemon sees the same changes.
    private let sharing = Mutex<AlertShare?>(nil)
    private let log = Log("alerts")
    private let eventCounters: [MembershipEvent.Kind: Counter]
    private let lostCounter: Counter

    /// Creates the log; nothing is delivered before `run`.
    ///
    /// - Parameters:
    ///   - startedAt: When the daemon started; names the run in event ids.
    ///   - metrics: Where events are counted.
    ///   - webhooks: Receivers of events, at most 16.
    /// - Throws: `tooManyWebhooks`, or `libcurl` when it cannot be set up.
    public init(
        startedAt: UnixTime,
        metrics: MetricsRegistry,
        webhooks: [WebhookTarget] = []
    ) throws(AlertsError) {
        stream = EventID.stream(startedAt: startedAt)
        let isSending = !webhooks.isEmpty
        self.webhooks = isSending ? try WebhookSender(targets: webhooks, metrics: metrics) : nil
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let kinds = MembershipEvent.Kind.allCases.map { kind in
            let labels = [("kind", kind.rawValue)]
            let help = "Membership events since the start."
            return (kind, metrics.counter("muster_events_total", help: help, labels: labels))
        }
        eventCounters = Dictionary(uniqueKeysWithValues: kinds)
        lostCounter = metrics.counter(
            "muster_events_lost_total",
            help: "Deltas that came faster than they could be told."
        )
    }

    /// Notes what happened; never blocks, and tells nobody before `run` gets to it.
    ///
    /// - Parameters:
    ///   - deltas: In order of their numbers, behind all earlier ones.
    ///   - origin: `baseline` for what the first view is made of.
    public func record(_ deltas: [ViewDelta], as origin: Origin = .change) {
        guard let last = deltas.last else { return }
        let lost = state.withLock { state in
            if origin == .baseline {
                state.pending.append(.baseline(upTo: last.number))
                return 0
            }
            let room = max(0, Limits.pendingDeltasMax - state.pending.count)
            let isEarlier = origin == .earlier
            state.pending += deltas.prefix(room).lazy.map { .delta($0, isEarlier: isEarlier) }
            return deltas.count - min(room, deltas.count)
        }
        if lost > 0 { noteLoss(lost) }
        wake.yield()
    }

    /// Lets several daemons share the webhooks' work, from what is recorded next on; see `note`.
    ///
    /// - Parameters:
    ///   - id: This daemon's among them.
    ///   - window: How long another may be dead before this one knows.
    public func share(as id: String, window: Duration) {
        sharing.withLock { $0 = AlertShare(own: id, window: window) }
    }

    /// Notes who shares the webhooks' work, in the order of what is recorded; never blocks.
    public func note(_ company: AlertCompany) {
        state.withLock { $0.pending.append(.company(company)) }
        wake.yield()
    }

    /// Tells of what was recorded until the task is cancelled; call it once.
    ///
    /// After that what waits for webhooks has two seconds to go out, and readers are closed.
    public func run() async {
        async let deliveries: Void? = webhooks?.run()
        for await _ in wakes { await tellAll() }
        await tellAll()
        webhooks?.stop(within: Limits.stopTimeMax)
        close()
        await deliveries
    }

    /// Makes a reader of events.
    ///
    /// - Parameters:
    ///   - position: Where it starts.
    ///   - wake: Called, on any thread, when there may be something to read; must not block.
    /// - Returns: The reader; it must be cancelled at the end.
    /// - Throws: `tooManySubscribers` at the bound.
    public func subscribe(
        from position: Position,
        wake: @escaping @Sendable () -> Void
    ) throws(AlertsError) -> EventSubscription {
        let admitted = state.withLock { state -> (reader: UInt64, cursor: EventCursor)? in
            guard state.readers.count < Limits.subscribersMax else { return nil }
            let reader = state.nextReader
            state.nextReader += 1
            state.readers[reader] = wake
            return (reader, EventCursor(position, stream: stream, history: state.history))
        }
        guard let admitted else {
            let sentence = "there are \(Limits.subscribersMax) subscribers of events already"
            throw AlertsError(.tooManySubscribers, sentence)
        }
        return EventSubscription(log: self, reader: admitted.reader, cursor: admitted.cursor)
    }

    /// The newest event's id; what a reader who sees the view now has seen.
    public var last: EventID {
        EventID(stream: stream, number: state.withLock { $0.history.last })
    }

    func read(_ cursor: inout EventCursor, countMax: Int) -> EventSubscription.Next {
        state.withLock { state in
            let next = cursor.next(in: state.history, countMax: countMax)
            guard case .nothing = next, state.isClosed else { return next }
            return .closed(reason: "the daemon stops")
        }
    }

    func remove(reader: UInt64) { state.withLock { $0.readers[reader] = nil } }

    private func tellAll() async {
        let steps = state.withLock { state in
            state.isLossSaid = false
            let steps = state.pending
            state.pending = []
            return steps
        }
        let renderer = EventRenderer()
        for start in stride(from: 0, to: steps.count, by: Limits.eventsPerSlice) {
            tell(steps[start..<min(start + Limits.eventsPerSlice, steps.count)], renderer)
            await Task.yield()
        }
    }

    private func tell(_ steps: ArraySlice<Step>, _ renderer: EventRenderer) {
        let told = steps.map { tell($0, renderer) }
        let readers = state.withLock { state in
            for step in told {
                switch step {
                case .skip(let number): state.history.skip(to: number)
                case .event(let notice): state.history.append(notice.event)
                case .company: break
                }
            }
            return Array(state.readers.values)
        }
        webhooks?.enqueue(told.flatMap(ours))
        for wake in readers { wake() }
    }

    /// What this daemon's webhooks get because of a step.
    private func ours(_ step: ToldStep) -> [RenderedEvent] {
        let now = EventLoop.monotonicNow()
        return sharing.withLock { share in
            switch step {
            case .skip: []
            case .event(let notice): share?.tell([notice], now: now) ?? [notice.event]
            case .company(let news): share?.learn(news, now: now) ?? []
            }
        }
    }

    private func tell(_ step: Step, _ renderer: EventRenderer) -> ToldStep {
        switch step {
        case .baseline(let number): return .skip(to: number)
        case .company(let news): return .company(news)
        case .delta(let delta, let isEarlier):
            let event = MembershipEvent(delta)
            eventCounters[event.kind]?.add()
            log.notice(event.line)
            let id = EventID(stream: stream, number: event.number)
            let rendered = renderer.render(event, id: id)
            return .event(.init(event: rendered, service: event.service, isEarlier: isEarlier))
        }
    }

    private func noteLoss(_ count: Int) {
        lostCounter.add(count)
        let isFirst = state.withLock { state in
            defer { state.isLossSaid = true }
            return !state.isLossSaid
        }
        if isFirst {
            log.warning("events are lost: more than \(Limits.pendingDeltasMax) changes wait")
        }
    }

    private func close() {
        let readers = state.withLock { state in
            state.isClosed = true
            return Array(state.readers.values)
        }
        for wake in readers { wake() }
    }
}
