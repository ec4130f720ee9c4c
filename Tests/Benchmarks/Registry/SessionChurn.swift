import Runtime
import ServiceModel
import TestSupport
import Wire
import ZooKeeperProtocol

extension Benchmark {
    static let sessionChurn = Benchmark(
        name: "session-churn",
        summary: "5,000 sessions ping while 1,000 a second open and close; MUSTER_SOAK=6: a minute"
    ) {
        let daemon = try await SpawnedDaemon()
        let (pings, churn) = (EventLoop(name: "pings"), EventLoop(name: "churn"))
        guard let registry = SocketAddress(daemon.registry) else {
            throw BenchmarkFailure("\(daemon.registry) is no address")
        }
        let idle = PingLoad(pings, to: registry, .registry, count: 5_000)
        try await idle.connect()
        let quiet = await idle.run(for: .seconds(4))
        let visitors = SessionVisitors(churn, to: registry)
        let duration = Duration.seconds(10 * Soak.factor)
        async let visits = visitors.run(for: duration)
        let busy = await idle.run(for: duration)
        let count = try await visits
        // Whoever expired wrongly is told so at the latest now.
        let after = await idle.run(for: .seconds(4))
        await idle.close()
        await daemon.stop()
        pings.stop()
        churn.stop()
        let lost = quiet.lost + busy.lost + after.lost
        let unanswered = after.pings - after.replies
        return [
            Figure("sessions opened and closed", Double(count), ""),
            Figure("a second", Double(count) / Double(10 * Soak.factor), ""),
            Figure("of 5,000 sessions lost", Double(lost), "", bar: 1),
            Figure("pings of the last round without a reply", Double(unanswered), "", bar: 20),
            Figure("ping to reply, p99, before", quiet.delays.quantile(0.99) / 1_000, "us"),
            Figure("ping to reply, p99, meanwhile", busy.delays.quantile(0.99) / 1_000, "us"),
        ]
    }
}

/// A thousand sessions a second that open, close, and are gone. Owner: the loop.
actor SessionVisitors: LoopHandler {
    private final class Visitor {
        var socket: StreamSocket
        var isOpen = false

        init(_ socket: consuming StreamSocket) { self.socket = socket }
    }

    nonisolated let loop: EventLoop
    private let address: SocketAddress
    private var visitors: [UInt64: Visitor] = [:]
    private var next = UInt64(1)
    private var due = Instant(nanoseconds: 0)
    private var end = Instant(nanoseconds: 0)
    private var closed = 0
    private var isOver: CheckedContinuation<Int, any Error>?

    private static let interval = Duration.milliseconds(1)
    private static let visitorsMax = 2_000

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps the loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(_ loop: EventLoop, to address: SocketAddress) {
        (self.loop, self.address) = (loop, address)
    }

    /// - Returns: How many sessions were opened and closed.
    /// - Throws: When one was refused.
    func run(for duration: Duration) async throws -> Int {
        (due, end) = (loop.now, loop.now + duration)
        return try await withCheckedThrowingContinuation { continuation in
            isOver = continuation
            loop.setTimer(at: due, handler: self, token: 0)
        }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            for event in events { me.handle(event) }
        }
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .timer: open()
        case .writable(let token): visitors[token].map { greet($0) }
        case .readable(let token), .hangup(let token): read(token)
        }
    }

    private func open() {
        while due <= loop.now, due < end {
            due = due + Self.interval
            guard visitors.count < Self.visitorsMax else { continue }
            do throws(RuntimeError) {
                let limits = StreamLimits(inboundBytesMax: 4_096, outboundBytesMax: 4_096)
                let socket = try StreamSocket.connect(to: address, limits: limits)
                let descriptor = socket.descriptor
                visitors[next] = Visitor(socket)
                try loop.register(descriptor, interest: .write, handler: self, token: next)
                next += 1
            } catch {
                return finish(.failure(BenchmarkFailure("\(error)")))
            }
        }
        if due < end || !visitors.isEmpty, loop.now < end + .seconds(10) {
            loop.setTimer(at: max(due, loop.now + Self.interval), handler: self, token: 0)
        } else {
            finish(.success(closed))
        }
    }

    private func greet(_ visitor: Visitor) {
        var writer = ByteWriter()
        FrameWriter.append(ConnectRequest(timeoutMilliseconds: 10_000), to: &writer)
        _ = visitor.socket.send(writer.bytes)
        _ = visitor.socket.flush()
        loop.modify(visitor.socket.descriptor, interest: .read)
    }

    private func read(_ token: UInt64) {
        guard let visitor = visitors[token] else { return }
        switch visitor.socket.fill() {
        case .received:
            guard !visitor.isOpen, visitor.socket.inboundCount >= 41 else { return }
            visitor.isOpen = true
            visitor.socket.consume(visitor.socket.inboundCount)
            var writer = ByteWriter()
            FrameWriter.append(Request.closeSession, xid: 1, to: &writer)
            _ = visitor.socket.send(writer.bytes)
            _ = visitor.socket.flush()
        case .wouldBlock, .full: break
        case .end, .failed:
            if visitor.isOpen, visitor.socket.inboundCount == 20 { closed += 1 }
            loop.deregister(visitor.socket.descriptor)
            visitor.socket.close()
            visitors[token] = nil
        }
    }

    private func finish(_ result: Result<Int, any Error>) {
        isOver?.resume(with: result)
        isOver = nil
    }
}
