import ServiceModel
import Testing

@testable import Alerts

@Suite struct WebhookQueuesTests {
    private func targets() throws -> [WebhookTarget] {
        [
            try WebhookTarget(url: "http://127.0.0.1:1/all", kinds: [.join, .leave]),
            try WebhookTarget(url: "http://127.0.0.1:1/leaves", kinds: [.leave]),
        ]
    }

    @Test func `each target gets the kinds it wants, and a slow one holds up no other`() throws {
        var queues = WebhookQueues(targets: try targets())
        let now = Fixture.time(0)
        let events = [Fixture.rendered(1), Fixture.rendered(2, kind: .leave)]
        #expect(queues.enqueue(events, now: now) == [0, 0])
        #expect(queues.counts == [2, 1])
        let turn = queues.turn(now: now)
        #expect(turn.deliveries.map(\.target) == [0, 1])
        #expect(turn.deliveries.map(\.event.id.number) == [1, 2])
        #expect(queues.finished(target: 1, status: 200, now: now, jitter: 0) == .delivered)
        #expect(queues.turn(now: now).deliveries.isEmpty)
        #expect(queues.counts == [2, 0])
        let retry = queues.finished(target: 0, status: 500, now: now, jitter: 0)
        #expect(retry == .retry(at: Fixture.time(0.5)))
        #expect(queues.turn(now: now).deadline == Fixture.time(0.5))
    }

    @Test func `a stop waits for what is left, up to its deadline`() throws {
        var queues = WebhookQueues(targets: try targets())
        _ = queues.enqueue([Fixture.rendered(1)], now: Fixture.time(0))
        queues.stop(at: Fixture.time(2))
        let turn = queues.turn(now: Fixture.time(0))
        #expect(turn.deliveries.count == 1)
        #expect(turn.deadline == Fixture.time(2))
        #expect(!queues.turn(now: Fixture.time(1)).isOver)
        #expect(queues.turn(now: Fixture.time(2)).isOver)
    }

    @Test func `a stop does not wait for a retry that is due behind its deadline`() throws {
        var queues = WebhookQueues(targets: try targets())
        _ = queues.enqueue([Fixture.rendered(1)], now: Fixture.time(0))
        for attempt in 0..<3 {
            let now = Fixture.time(10 * Double(attempt))
            #expect(queues.turn(now: now).deliveries.count == 1)
            _ = queues.finished(target: 0, status: 0, now: now, jitter: 0)
        }
        queues.stop(at: Fixture.time(21))
        #expect(queues.turn(now: Fixture.time(20)).isOver)
    }

    @Test func `a stop with nothing left is at once`() throws {
        var queues = WebhookQueues(targets: try targets())
        #expect(!queues.turn(now: Fixture.time(0)).isOver)
        queues.stop(at: Fixture.time(2))
        #expect(queues.turn(now: Fixture.time(0)).isOver)
    }
}
