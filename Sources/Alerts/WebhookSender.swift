import Runtime
import ServiceModel
import Synchronization
import Telemetry

/// Posts events to the webhooks: libcurl on one thread, one delivery under way for each receiver.
///
/// Step of the data flow: behind `AlertLog`, which hands it events and runs it. The thread waits inside
/// libcurl, for sockets, for the next retry or for `wakeUp`. URLs may hold secrets, so logs and metrics
/// have the target's name only.
final class WebhookSender: Sendable {
    private struct Meters: Sendable {
        let delivered: Counter
        let failed: Counter
        let givenUp: Counter
        let dropped: Counter
    }

    private let targets: [WebhookTarget]
    private let queues: Mutex<WebhookQueues>
    private let transfers: CurlMulti
    private let meters: [Meters]
    private let log = Log("webhook")

    /// Prepares deliveries; nothing is sent before `run`.
    ///
    /// - Throws: `tooManyWebhooks`, or `libcurl` when it cannot be set up.
    init(targets: [WebhookTarget], metrics: MetricsRegistry) throws(AlertsError) {
        guard targets.count <= Limits.webhooksMax else {
            let sentence = "\(targets.count) webhooks are more than \(Limits.webhooksMax)"
            throw AlertsError(.tooManyWebhooks, sentence)
        }
        self.targets = targets
        queues = Mutex(WebhookQueues(targets: targets))
        transfers = try CurlMulti()
        meters = targets.enumerated().map { Self.meters($0 + 1, $1, metrics) }
        metrics.onRender { [weak self] in self?.queueSamples() ?? [] }
    }

    /// Adds events for the targets that want them; never blocks.
    func enqueue(_ events: [RenderedEvent]) {
        let dropped = queues.withLock { $0.enqueue(events, now: EventLoop.monotonicNow()) }
        for (target, count) in dropped.enumerated() where count > 0 { noteDrop(target, count) }
        transfers.wakeUp()
    }

    /// Delivers until `stop`; call it once.
    func run() async {
        let thread = BlockingThread(name: "webhooks")
        defer { thread.stop() }
        do {
            try await thread.run { self.deliverAll() }
        } catch {
            log.error("webhooks are not delivered: \(error)")
        }
    }

    /// Lets `run` return when the queues are empty, or when the time is over.
    func stop(within time: Duration) {
        queues.withLock { $0.stop(at: EventLoop.monotonicNow() + time) }
        transfers.wakeUp()
    }

    private func deliverAll() {
        while true {
            let now = EventLoop.monotonicNow()
            let turn = queues.withLock { $0.turn(now: now) }
            if turn.isOver { break }
            for delivery in turn.deliveries { start(delivery) }
            let endings = transfers.perform()
            for ending in endings { finish(ending) }
            guard endings.isEmpty else { continue }
            transfers.wait(atMost: turn.deadline.map { $0 - now } ?? Limits.pollTimeMax)
        }
        for (target, count) in queues.withLock({ $0.counts }).enumerated() where count > 0 {
            log.warning("\(count) events for \(targets[target].name) were not delivered")
        }
    }

    private func start(_ delivery: WebhookQueues.Delivery) {
        do {
            let post = try CurlPost(delivery.event, url: targets[delivery.target].url)
            try transfers.start(post, token: delivery.target)
        } catch {
            let reason = "\(error)"
            finish(CurlMulti.Ending(token: delivery.target, status: 0, reason: reason))
        }
    }

    private func finish(_ ending: CurlMulti.Ending) {
        let (target, status) = (ending.token, ending.status)
        let verdict = queues.withLock {
            $0.finished(
                target: target,
                status: status,
                now: EventLoop.monotonicNow(),
                jitter: Double.random(in: 0..<1)
            )
        }
        let answer = status == 0 ? ending.reason : "status \(status)"
        switch verdict {
        case .delivered: meters[target].delivered.add()
        case .retry:
            meters[target].failed.add()
            log.info("\(targets[target].name) did not take an event: \(answer); it is tried again")
        case .givenUp:
            meters[target].failed.add()
            meters[target].givenUp.add()
            log.warning("\(targets[target].name) does not take an event, given up: \(answer)")
        }
    }

    /// Says it at the first drop and at each thousandth, or a dead receiver would fill the log.
    private func noteDrop(_ target: Int, _ count: Int) {
        let before = meters[target].dropped.value
        meters[target].dropped.add(count)
        guard before == 0 || before / 1_000 != (before + count) / 1_000 else { return }
        log.warning(
            "\(before + count) events for \(targets[target].name) dropped: the oldest of more than "
                + "\(Limits.webhookQueueCount) that wait"
        )
    }

    private func queueSamples() -> [Sample] {
        let counts = queues.withLock { $0.counts }
        return counts.enumerated().map { index, count in
            Sample(
                .gauge,
                "muster_webhook_queue_events",
                help: "Events that wait for a webhook.",
                labels: Self.labels(index + 1, targets[index]),
                value: Double(count)
            )
        }
    }

    private static func meters(
        _ position: Int,
        _ target: WebhookTarget,
        _ metrics: MetricsRegistry
    ) -> Meters {
        func counter(_ name: String, _ help: String) -> Counter {
            metrics.counter("muster_webhook_" + name, help: help, labels: labels(position, target))
        }
        return Meters(
            delivered: counter("delivered_total", "Events that a webhook took."),
            failed: counter("failed_attempts_total", "Deliveries that a webhook did not take."),
            givenUp: counter("given_up_total", "Events that are not tried again."),
            dropped: counter("dropped_total", "Events that had to make room in a full queue.")
        )
    }

    /// The position tells two receivers on one host apart.
    private static func labels(_ position: Int, _ target: WebhookTarget) -> [(String, String)] {
        [("webhook", String(position)), ("target", target.name)]
    }
}
