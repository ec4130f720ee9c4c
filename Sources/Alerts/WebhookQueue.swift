import ServiceModel

/// What waits for one webhook, and when the next delivery is due.
///
/// One event is under way at a time, so a receiver sees them in order; a failed one is tried again
/// after a pause that doubles, and the others wait behind it. Bounded: the oldest waiting event is
/// dropped for a new one. Nothing here reads a clock or draws a random number. Owner: `WebhookSender`.
struct WebhookQueue {
    /// What the shell has to do next.
    enum Action: Equatable {
        /// Post this event and call `finished`.
        case deliver(RenderedEvent, attempt: Int)
        /// Ask again then, or after a call of `enqueue`.
        case wait(until: Instant)
        /// Ask again after a call of `enqueue` or `finished`.
        case idle
    }

    /// How a delivery ended.
    enum Outcome: Equatable {
        /// The receiver took it: any status from 200 to 299.
        case taken
        /// The receiver answered and does not want it: 3xx and 4xx, but for 408, 425 and 429.
        case refused
        /// No answer, or one that asks to try again.
        case unavailable
    }

    /// What became of the event.
    enum Verdict: Equatable {
        case delivered
        case retry(at: Instant)
        case givenUp
    }

    private struct Entry {
        let event: RenderedEvent
        let enqueuedAt: Instant
    }

    private enum Head: Equatable {
        case ready
        case underWay
        case waiting(until: Instant)
    }

    private var entries = BoundedDeque<Entry>(capacity: Limits.webhookQueueCount)
    private var head = Head.ready
    private var attempts = 0
    private var refusals = 0

    /// Events that wait or are under way.
    var count: Int { entries.count }

    /// Adds an event at the end.
    ///
    /// - Returns: The event that had to make room, if one had to.
    mutating func enqueue(_ event: RenderedEvent, now: Instant) -> RenderedEvent? {
        // The first one may be under way: its receiver may be reading it now, so it stays.
        let dropped = entries.isFull ? entries.remove(at: head == .underWay ? 1 : 0) : nil
        // The pause stays: it is the receiver's, not the event's.
        if dropped != nil, head != .underWay { refusals = 0 }
        entries.append(Entry(event: event, enqueuedAt: now))
        return dropped?.event
    }

    /// What to do now; a delivery counts as begun with this call.
    mutating func next(now: Instant) -> Action {
        guard let entry = entries.first else { return .idle }
        switch head {
        case .underWay: return .idle
        case .waiting(let until) where until > now: return .wait(until: until)
        case .waiting, .ready:
            head = .underWay
            attempts += 1
            return .deliver(entry.event, attempt: attempts)
        }
    }

    /// The delivery that `next` asked for has ended.
    ///
    /// - Parameters:
    ///   - outcome: How it ended.
    ///   - now: The moment it ended.
    ///   - jitter: Uniform in `0..<1`, drawn by the shell.
    /// - Returns: What becomes of the event.
    mutating func finished(_ outcome: Outcome, now: Instant, jitter: Double) -> Verdict {
        guard head == .underWay, let entry = entries.first else {
            fatalError("a delivery finished that was not under way (\(head), \(count) waiting)")
        }
        if outcome == .refused { refusals += 1 }
        let isOld = now - entry.enqueuedAt >= Limits.deliveryAgeMax
        let isDone = outcome == .taken || refusals >= Limits.refusalsMax || isOld
        if isDone {
            _ = entries.remove(at: 0)
            refusals = 0
        }
        // A receiver that answered gets the next event at once, one that is away has its pause.
        if isDone, outcome != .unavailable {
            (head, attempts) = (.ready, 0)
            return outcome == .taken ? .delivered : .givenUp
        }
        let until = now + wait(jitter: jitter)
        head = .waiting(until: until)
        return isDone ? .givenUp : .retry(at: until)
    }

    /// When `next` should be asked at the latest; nil when only a call can change anything.
    var nextDeadline: Instant? {
        if case .waiting(let until) = head { return until }
        return nil
    }

    /// True when nothing can leave before that moment: nothing waits, or its receiver's pause is longer.
    func isDone(before moment: Instant) -> Bool {
        count == 0 || nextDeadline.map { $0 >= moment } ?? false
    }

    /// Doubles with each attempt; the jitter takes up to half of it away.
    private func wait(jitter: Double) -> Duration {
        let doublings = min(max(attempts - 1, 0), Limits.retryDoublingsMax)
        let full = min(Limits.retryWaitMin * (1 << doublings), Limits.retryWaitMax)
        return full * (1 - jitter / 2)
    }
}
