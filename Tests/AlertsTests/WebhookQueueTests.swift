import ServiceModel
import Testing

@testable import Alerts

@Suite struct WebhookQueueTests {
    private func time(_ seconds: Double) -> Instant { Fixture.time(seconds) }

    @Test func `events go out one after the other, in order`() {
        var queue = WebhookQueue()
        #expect(queue.next(now: time(0)) == .idle)
        for number in 1...3 {
            #expect(queue.enqueue(Fixture.rendered(UInt64(number)), now: time(0)) == nil)
        }
        for number in 1...3 {
            let expected = Fixture.rendered(UInt64(number))
            #expect(queue.next(now: time(1)) == .deliver(expected, attempt: 1))
            #expect(queue.next(now: time(1)) == .idle)
            #expect(queue.finished(.taken, now: time(1), jitter: 0) == .delivered)
        }
        #expect(queue.count == 0)
        #expect(queue.next(now: time(2)) == .idle)
    }

    @Test func `the pause doubles up to a minute and jitter takes at most half`() {
        var queue = WebhookQueue()
        _ = queue.enqueue(Fixture.rendered(1), now: time(0))
        var now = time(0)
        for (attempt, seconds) in [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60].enumerated() {
            #expect(queue.next(now: now) == .deliver(Fixture.rendered(1), attempt: attempt + 1))
            let until = now + .milliseconds(Int64(seconds * 1_000))
            let jitter = attempt == 9 ? 1.0 : 0
            let expected = attempt == 9 ? now + .seconds(30) : until
            let verdict = queue.finished(.unavailable, now: now, jitter: jitter)
            #expect(verdict == .retry(at: expected))
            #expect(queue.nextDeadline == expected)
            #expect(queue.next(now: expected - .nanoseconds(1)) == .wait(until: expected))
            now = expected
        }
    }

    @Test func `a delivery after a failure starts the pauses afresh`() {
        var queue = WebhookQueue()
        for number in 1...2 { _ = queue.enqueue(Fixture.rendered(UInt64(number)), now: time(0)) }
        _ = queue.next(now: time(0))
        _ = queue.finished(.unavailable, now: time(0), jitter: 0)
        #expect(queue.next(now: time(1)) == .deliver(Fixture.rendered(1), attempt: 2))
        #expect(queue.finished(.taken, now: time(1), jitter: 0) == .delivered)
        #expect(queue.nextDeadline == nil)
        #expect(queue.next(now: time(1)) == .deliver(Fixture.rendered(2), attempt: 1))
    }

    @Test func `an event that is refused again and again makes way for the next`() {
        var queue = WebhookQueue()
        for number in 1...2 { _ = queue.enqueue(Fixture.rendered(UInt64(number)), now: time(0)) }
        var verdict: WebhookQueue.Verdict?
        for attempt in 1...Limits.refusalsMax {
            let now = time(Double(attempt) * 100)
            #expect(queue.next(now: now) == .deliver(Fixture.rendered(1), attempt: attempt))
            verdict = queue.finished(.refused, now: now, jitter: 0)
        }
        #expect(verdict == .givenUp)
        #expect(queue.next(now: time(900)) == .deliver(Fixture.rendered(2), attempt: 1))
    }

    @Test func `a receiver that is away for a day loses the event and keeps its pause`() {
        var queue = WebhookQueue()
        for number in 1...2 { _ = queue.enqueue(Fixture.rendered(UInt64(number)), now: time(0)) }
        _ = queue.next(now: time(0))
        #expect(queue.finished(.unavailable, now: time(86_400), jitter: 0) == .givenUp)
        #expect(queue.next(now: time(86_400)) == .wait(until: time(86_400.5)))
        #expect(queue.next(now: time(86_401)) == .deliver(Fixture.rendered(2), attempt: 2))
    }

    @Test func `a full queue drops its oldest event, but never the one under way`() {
        var queue = WebhookQueue()
        for number in 1...Limits.webhookQueueCount {
            _ = queue.enqueue(Fixture.rendered(UInt64(number)), now: time(0))
        }
        let first = queue.enqueue(Fixture.rendered(900_001), now: time(0))
        #expect(first == Fixture.rendered(1))
        #expect(queue.next(now: time(0)) == .deliver(Fixture.rendered(2), attempt: 1))
        #expect(queue.enqueue(Fixture.rendered(900_002), now: time(0)) == Fixture.rendered(3))
        #expect(queue.finished(.unavailable, now: time(0), jitter: 0) == .retry(at: time(0.5)))
        // Dropping the head of a receiver that is away must not end the receiver's pause.
        #expect(queue.enqueue(Fixture.rendered(900_003), now: time(0)) == Fixture.rendered(2))
        #expect(queue.next(now: time(0.1)) == .wait(until: time(0.5)))
        #expect(queue.next(now: time(0.5)) == .deliver(Fixture.rendered(4), attempt: 2))
        #expect(queue.count == Limits.webhookQueueCount)
    }

    @Test(arguments: [
        (200, WebhookQueue.Outcome.taken), (204, .taken), (299, .taken), (301, .refused),
        (400, .refused), (404, .refused), (408, .unavailable), (429, .unavailable),
        (500, .unavailable), (503, .unavailable), (0, .unavailable), (199, .unavailable),
    ])
    func `a status is taken, refused or worth another try`(
        status: Int,
        outcome: WebhookQueue.Outcome
    ) {
        #expect(WebhookQueues.outcome(status: status) == outcome)
    }
}
