import Runtime
import ServiceModel
import Wire
import ZooKeeperProtocol

/// Many connections that do nothing but ping, as idle clients do.
///
/// Each pings once an interval, at moments that are evenly spread over all of them. Owner: the loop.
actor PingLoad: LoopHandler {
    /// Who answers.
    enum Peer: Sendable {
        /// A registry: a handshake before, and a reply of 20 bytes to each ping.
        case registry
        /// Whoever sends back what it gets.
        case echo
    }
    /// What happened in a run.
    struct Progress: Sendable {
        var pings = 0
        var replies = 0
        /// Connections that the peer ended.
        var lost = 0
        /// Nanoseconds from each ping to its reply.
        var delays = Samples()
    }
    private final class Client {
        var socket: StreamSocket
        var isOpen = false
        var pingedAt: Instant?

        init(_ socket: consuming StreamSocket) { self.socket = socket }
    }

    nonisolated let loop: EventLoop
    private let address: SocketAddress
    private let peer: Peer
    private let count: Int
    private var clients: [Client] = []
    private var opened = 0
    private var isConnected: CheckedContinuation<Void, any Error>?
    private var isOver: CheckedContinuation<Void, Never>?
    private var next = 0
    private var due: Instant?
    private var timer: TimerID?
    private var progress = Progress()

    /// Session timeout that is asked for; pings come three times in it.
    static let timeout = Duration.seconds(10)
    /// Connection attempts under way at a time.
    private static let dialsMax = 128
    /// Token of the timer that ends a run; the other one has 0.
    private static let endToken: UInt64 = 1

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps the loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(_ loop: EventLoop, to address: SocketAddress, _ peer: Peer, count: Int) {
        (self.loop, self.address, self.peer, self.count) = (loop, address, peer, count)
    }

    /// Opens all connections.
    ///
    /// - Throws: When one of them fails.
    func connect() async throws {
        try await withCheckedThrowingContinuation { continuation in
            isConnected = continuation
            for _ in 0..<min(count, Self.dialsMax) { dial() }
        }
    }

    /// Pings for a while.
    ///
    /// - Returns: What happened in it.
    func run(for duration: Duration) async -> Progress {
        progress = Progress()
        due = loop.now
        setTimer()
        loop.setTimer(at: loop.now + duration, handler: self, token: Self.endToken)
        await withCheckedContinuation { isOver = $0 }
        return progress
    }

    private func pause() {
        timer.map { loop.cancelTimer($0) }
        (timer, due) = (nil, nil)
        isOver?.resume()
        isOver = nil
    }

    /// Closes all connections.
    func close() {
        pause()
        for client in clients where client.socket.descriptor >= 0 {
            loop.deregister(client.socket.descriptor)
            client.socket.close()
        }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            for event in events { me.handle(event) }
        }
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .timer(Self.endToken): pause()
        case .timer: ping()
        case .writable(let token): greet(Int(token))
        case .readable(let token), .hangup(let token): read(Int(token))
        }
    }

    private func dial() {
        do throws(RuntimeError) {
            let limits = StreamLimits(inboundBytesMax: 4_096, outboundBytesMax: 4_096)
            let socket = try StreamSocket.connect(to: address, limits: limits)
            let descriptor = socket.descriptor
            clients.append(Client(socket))
            let token = UInt64(clients.count - 1)
            try loop.register(descriptor, interest: .write, handler: self, token: token)
        } catch {
            fail("\(error)")
        }
    }

    private func greet(_ index: Int) {
        let client = clients[index]
        guard client.socket.descriptor >= 0 else { return }
        if let error = client.socket.connectionError() { return fail("\(error)") }
        var writer = ByteWriter()
        let milliseconds = Int32(clamping: Self.timeout.milliseconds)
        FrameWriter.append(ConnectRequest(timeoutMilliseconds: milliseconds), to: &writer)
        _ = client.socket.send(writer.bytes)
        _ = client.socket.flush()
        loop.modify(client.socket.descriptor, interest: .read)
    }

    private func read(_ index: Int) {
        let client = clients[index]
        switch client.socket.fill() {
        case .received:
            if client.isOpen { takeReply(client) } else { takeGreeting(client) }
        case .wouldBlock, .full: break
        case .end, .failed:
            guard client.socket.descriptor >= 0 else { return }
            loop.deregister(client.socket.descriptor)
            client.socket.close()
            progress.lost += 1
            if !client.isOpen { fail("\(address) closed a connection at its start") }
        }
    }

    private func takeGreeting(_ client: Client) {
        // 44 bytes without the read-only flag, which the request has in either case.
        guard client.socket.inboundCount >= (peer == .registry ? 41 : 49) else { return }
        client.socket.consume(client.socket.inboundCount)
        client.isOpen = true
        opened += 1
        if clients.count < count { dial() }
        guard opened == count else { return }
        isConnected?.resume()
        isConnected = nil
    }

    private func takeReply(_ client: Client) {
        guard client.socket.inboundCount >= (peer == .registry ? 20 : 12) else { return }
        client.socket.consume(client.socket.inboundCount)
        progress.replies += 1
        guard let pingedAt = client.pingedAt else { return }
        progress.delays.add((EventLoop.monotonicNow() - pingedAt).nanosecondsClamped)
        client.pingedAt = nil
    }

    private func ping() {
        timer = nil
        while let due, due <= loop.now {
            let client = clients[next]
            next = (next + 1) % clients.count
            self.due = due + .nanoseconds(Self.timeout.nanosecondsClamped / Int64(3 * count))
            guard client.socket.descriptor >= 0 else { continue }
            client.pingedAt = EventLoop.monotonicNow()
            _ = client.socket.send(Self.pingFrame)
            _ = client.socket.flush()
            progress.pings += 1
        }
        setTimer()
    }

    private func setTimer() {
        guard let due else { return }
        timer = loop.setTimer(at: due, handler: self, token: 0)
    }

    private func fail(_ reason: String) {
        isConnected?.resume(throwing: BenchmarkFailure(reason))
        isConnected = nil
    }

    private static let pingFrame: [UInt8] = {
        var writer = ByteWriter()
        FrameWriter.append(Request.ping, xid: XID.ping, to: &writer)
        return writer.bytes
    }()
}
