import ServiceModel
import Telemetry
import Testing

@testable import Alerts

@Suite struct AlertLogTests {
    private let metrics = MetricsRegistry()

    private func makeLog() throws -> AlertLog {
        let start = UnixTime(milliseconds: 1_769_860_800_123)
        return try AlertLog(startedAt: start, metrics: metrics)
    }

    private func joins(_ numbers: ClosedRange<UInt64>) throws -> [ViewDelta] {
        let instance = try Fixture.instance()
        return numbers.map { Fixture.delta($0, .joined(instance)) }
    }

    /// A reader and the task that collects what it gets.
    private struct Reader {
        let subscription: EventSubscription
        private let wakes: AsyncStream<Void>

        init(_ log: AlertLog, from position: AlertLog.Position) throws {
            let (stream, source) = AsyncStream<Void>.makeStream(
                bufferingPolicy: .bufferingNewest(1)
            )
            wakes = stream
            subscription = try log.subscribe(from: position) { source.yield() }
            source.yield()
        }

        /// What comes up to the event with a number, or to the end.
        func read(to last: UInt64) async -> [EventSubscription.Next] {
            var all: [EventSubscription.Next] = []
            for await _ in wakes {
                while let next = Optional(subscription.next(countMax: 64)), next != .nothing {
                    all.append(next)
                    if case .closed = next { return all }
                    if case .gap(let id, _) = next, id.number >= last { return all }
                    if case .events(let events) = next, events.last?.id.number == last {
                        return all
                    }
                }
            }
            return all
        }
    }

    private func numbers(_ all: [EventSubscription.Next]) -> [UInt64] {
        all.flatMap { next -> [UInt64] in
            guard case .events(let events) = next else { return [] }
            return events.map(\.id.number)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `A5.6 A7.5: a reader gets each change once and in order, not what was there before`()
        async throws
    {
        let log = try makeLog()
        let running = Task { await log.run() }
        log.record(try joins(1...1_000), as: .baseline)
        log.record(try joins(1_001...1_001))
        // Before the first view is told a reader of everything gets a gap, afterwards the event.
        _ = await (try Reader(log, from: .oldest)).read(to: 1_001)
        let first = try Reader(log, from: .oldest)
        let reading = Task { await first.read(to: 1_040) }
        log.record(try joins(1_002...1_020))
        log.record(try joins(1_021...1_040))
        #expect(numbers(await reading.value) == Array(1_001...1_040))
        let again = try Reader(log, from: .after(EventID(stream: log.stream, number: 1_030)))
        #expect(numbers(await again.read(to: 1_040)) == Array(1_031...1_040))
        let joins = metrics.counter("muster_events_total", help: "", labels: [("kind", "join")])
        #expect(joins.value == 40)
        running.cancel()
        await running.value
        #expect(again.subscription.next(countMax: 1) == .closed(reason: "the daemon stops"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a reader of another run, or of events long gone, is told to read the view anew`()
        async throws
    {
        let log = try makeLog()
        log.record(try joins(1...5), as: .baseline)
        log.record(try joins(6...7))
        let running = Task { await log.run() }
        _ = await (try Reader(log, from: .after(EventID(stream: log.stream, number: 5)))).read(
            to: 7
        )
        let stranger = try Reader(log, from: .after(EventID(stream: "x", number: 6)))
        guard case .gap(let id, let reason) = stranger.subscription.next(countMax: 9) else {
            Issue.record("a reader of another run gets no gap")
            return
        }
        #expect(id == log.last)
        #expect(reason.contains("started anew"))
        let old = try Reader(log, from: .after(EventID(stream: log.stream, number: 2)))
        guard case .gap = old.subscription.next(countMax: 9) else {
            Issue.record("a reader of the first view gets no gap")
            return
        }
        #expect(old.subscription.next(countMax: 9) == .nothing)
        running.cancel()
        await running.value
    }

    @Test(.timeLimit(.minutes(1)))
    func `what was recorded before the stop is still told`() async throws {
        let log = try makeLog()
        let running = Task { await log.run() }
        log.record(try joins(1...3))
        running.cancel()
        await running.value
        #expect(log.last == EventID(stream: log.stream, number: 3))
    }

    @Test func `deltas over the bound are counted as lost`() throws {
        let log = try makeLog()
        let delta = try joins(1...1)[0]
        log.record(Array(repeating: delta, count: Limits.pendingDeltasMax - 1))
        log.record(Array(repeating: delta, count: 3))
        log.record([delta])
        #expect(metrics.counter("muster_events_lost_total", help: "").value == 3)
    }

    @Test func `there are only so many subscribers`() throws {
        let log = try makeLog()
        let readers = try (0..<Limits.subscribersMax).map { _ in try Reader(log, from: .now) }
        let error = #expect(throws: AlertsError.self) { try Reader(log, from: .now) }
        #expect(error?.code == .tooManySubscribers)
        readers[0].subscription.cancel()
        _ = try Reader(log, from: .now)
    }
}
