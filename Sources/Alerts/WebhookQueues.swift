import ServiceModel

/// The queues of all webhooks, and what their one thread has to do next.
///
/// Pure, as `WebhookQueue`. Owner: `WebhookSender`'s lock.
struct WebhookQueues {
    /// One delivery that is to begin now.
    struct Delivery: Equatable {
        let target: Int
        let event: RenderedEvent
        let attempt: Int
    }

    /// What the thread has to do next.
    struct Turn: Equatable {
        var deliveries: [Delivery] = []
        /// When to ask again at the latest; nil for never.
        var deadline: Instant?
        /// The thread's work is done.
        var isOver = false
    }

    private let kinds: [Set<MembershipEvent.Kind>]
    private var queues: [WebhookQueue]
    private var stopAt: Instant?

    /// Creates empty queues, one for each target.
    init(targets: [WebhookTarget]) {
        kinds = targets.map(\.kinds)
        queues = targets.map { _ in WebhookQueue() }
    }

    /// Events that wait or are under way, by target.
    var counts: [Int] { queues.map(\.count) }

    /// Adds events to the queues whose targets want them.
    ///
    /// - Returns: For each target the number of events that had to make room.
    mutating func enqueue(_ events: [RenderedEvent], now: Instant) -> [Int] {
        queues.indices.map { target in
            var dropped = 0
            for event in events where kinds[target].contains(event.kind) {
                if queues[target].enqueue(event, now: now) != nil { dropped += 1 }
            }
            return dropped
        }
    }

    /// Lets what waits go out until then, but no longer; ends sooner when no retry is due before.
    mutating func stop(at moment: Instant) { stopAt = moment }

    /// What to do now.
    mutating func turn(now: Instant) -> Turn {
        var turn = Turn(deadline: stopAt)
        if let stopAt, now >= stopAt || queues.allSatisfy({ $0.isDone(before: stopAt) }) {
            turn.isOver = true
            return turn
        }
        for target in queues.indices {
            switch queues[target].next(now: now) {
            case .idle: break
            case .wait(let until): turn.deadline = min(turn.deadline ?? until, until)
            case .deliver(let event, let attempt):
                turn.deliveries.append(Delivery(target: target, event: event, attempt: attempt))
            }
        }
        return turn
    }

    /// A delivery ended.
    ///
    /// - Parameters:
    ///   - target: Whose it was.
    ///   - status: The HTTP status, 0 without an answer.
    ///   - now: The moment it ended.
    ///   - jitter: Uniform in `0..<1`, drawn by the shell.
    /// - Returns: What becomes of the event.
    mutating func finished(
        target: Int,
        status: Int,
        now: Instant,
        jitter: Double
    ) -> WebhookQueue.Verdict {
        queues[target].finished(Self.outcome(status: status), now: now, jitter: jitter)
    }

    /// What a status means; those that ask to come back later are no refusals (RFC 9110, RFC 6585).
    static func outcome(status: Int) -> WebhookQueue.Outcome {
        switch status {
        case 200..<300: .taken
        case 408, 425, 429: .unavailable
        case 300..<500: .refused
        default: .unavailable
        }
    }
}
