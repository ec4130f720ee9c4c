import Runtime
import ServiceModel
import Synchronization
import Telemetry
import Testing

@testable import Alerts

@Suite(.timeLimit(.minutes(1))) struct WebhookSenderTests {
    private let metrics = MetricsRegistry()
    private let loop = EventLoop(name: "receiver")

    /// Records joins, waits until so many posts came, and stops everything.
    private func deliver(
        _ count: Int,
        posts: Int,
        answer: @escaping @Sendable (Int) -> Int
    ) async throws -> [Receiver.Post] {
        let log = PostLog()
        let receiver = try Receiver(loop: loop, log: log, answer: answer)
        let target = try WebhookTarget(url: try await receiver.start())
        let start = UnixTime(milliseconds: 1_769_860_800_123)
        let alerts = try AlertLog(startedAt: start, metrics: metrics, webhooks: [target])
        let running = Task { await alerts.run() }
        let instance = try Fixture.instance()
        alerts.record((1...count).map { Fixture.delta(UInt64($0), .joined(instance)) })
        await log.wait(for: posts)
        running.cancel()
        await running.value
        await receiver.stop()
        loop.stop()
        return log.posts
    }

    private func count(_ name: String) -> Int {
        let text = metrics.prometheusText()
        let line = text.split(separator: "\n").first { $0.hasPrefix("muster_webhook_\(name){") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
    }

    @Test func `A7.5: each event is one POST of JSON with its id, in order`() async throws {
        let posts = try await deliver(20, posts: 20) { _ in 204 }
        #expect(posts.count == 20)
        for (index, post) in posts.enumerated() {
            #expect(post.head.hasPrefix("POST /hook HTTP/1.1\r\n"))
            #expect(post.head.contains("Content-Type: application/json"))
            #expect(post.head.contains("X-Muster-Event: ml29f9ff-\(index + 1)"))
            #expect(post.head.contains("Idempotency-Key: ml29f9ff-\(index + 1)"))
            #expect(post.body.contains("\"number\":\(index + 1),"))
            #expect(post.body.contains("\"kind\":\"join\""))
        }
        #expect(count("delivered_total") == 20)
        #expect(count("failed_attempts_total") == 0)
    }

    @Test func `what fails is posted again before anything newer`() async throws {
        let posts = try await deliver(2, posts: 4) { earlier in [0, 500, 200, 200][earlier] }
        #expect(posts.count == 4)
        #expect(posts[0] == posts[1])
        #expect(posts[1] == posts[2])
        #expect(posts[3].body.contains("\"number\":2,"))
        #expect(count("delivered_total") == 2)
        #expect(count("failed_attempts_total") == 2)
    }

    @Test func `a receiver that nobody answers at does not hold up the stop`() async throws {
        let target = try WebhookTarget(url: "http://\(try Self.closedPort())/")
        let sender = try WebhookSender(targets: [target], metrics: metrics)
        sender.enqueue([Fixture.rendered(1)])
        sender.stop(within: .milliseconds(50))
        await sender.run()
        #expect(count("delivered_total") == 0)
        #expect(count("queue_events") == 1)
    }

    /// An address that nobody listens on: bound and let go.
    private static func closedPort() throws -> String {
        let listener = try ListenSocket(on: .loopback())
        let address = listener.localAddress
        return try #require(address).description
    }

    @Test func `too many webhooks are refused`() throws {
        let target = try WebhookTarget(url: "http://127.0.0.1:1/")
        let error = #expect(throws: AlertsError.self) {
            try WebhookSender(targets: Array(repeating: target, count: 17), metrics: metrics)
        }
        #expect(error?.code == .tooManyWebhooks)
    }
}
