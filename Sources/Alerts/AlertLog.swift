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
        case delta(ViewDelta)
    }

    private enum ToldStep {
        case skip(to: UInt64)
        case event(RenderedEvent)

        var event: RenderedEvent? {
            guard case .event(let event) = self else { return nil }
            return event
        }
    }

    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let webhooks: WebhookSender?
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
            state.pending.append(contentsOf: deltas.prefix(room).lazy.map { .delta($0) })
            return deltas.count - min(room, deltas.count)
        }
        if lost > 0 { noteLoss(lost) }
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
                case .event(let event): state.history.append(event)
                }
            }
            return Array(state.readers.values)
        }
        webhooks?.enqueue(told.compactMap(\.event))
        for wake in readers { wake() }
    }

    private func tell(_ step: Step, _ renderer: EventRenderer) -> ToldStep {
        switch step {
        case .baseline(let number): return .skip(to: number)
        case .delta(let delta):
            let event = MembershipEvent(delta)
            eventCounters[event.kind]?.add()
            log.notice(event.line)
            return .event(renderer.render(event, id: EventID(stream: stream, number: event.number)))
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
