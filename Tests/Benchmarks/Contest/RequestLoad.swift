import Runtime
import ServiceModel
import Wire
import ZooKeeperProtocol

/// Sessions of a registry that keep a number of requests under way each, from frames made once.
///
/// The same load for every server. Owner: the loop.
actor RequestLoad: LoopHandler {
    /// What happened in a run.
    struct Progress: Sendable {
        var replies = 0
        var events = 0
        /// Replies with an error.
        var failures = 0
        /// From the first request to the last answer.
        var nanoseconds: Int64 = 0
        /// Nanoseconds from a request to its reply, where one is under way at a time.
        var delays = Samples()

        var perSecond: Double { Double(replies) / (Double(nanoseconds) / 1e9) }
    }
    final class Client {
        var socket: StreamSocket
        var isOpen = false
        var isBlocked = false
        var underWay = 0
        var sentAt: Int64 = 0

        init(_ socket: consuming StreamSocket) { self.socket = socket }
    }

    nonisolated let loop: EventLoop
    private let address: SocketAddress
    private let count: Int
    private var clients: [Client] = []
    private var opened = 0
    private var template = RequestTemplate(.ping)
    /// The number of the next request.
    private(set) var number = 1
    /// Requests of the run that are still to be sent.
    private var left = 0
    private var window = 0
    private var missing = (replies: 0, events: 0)
    private var startedAt: Int64 = 0
    private var progress = Progress()
    private var batch: [UInt8] = []
    private var pace: (perTick: Int, due: Instant, end: Instant)?
    private var step: CheckedContinuation<Void, any Error>?

    /// Connection attempts under way at a time.
    private static let dialsMax = 64
    private static let timeoutMilliseconds: Int32 = 30_000
    private static let awakeMax = Duration.seconds(60)
    private static let tick = Duration.milliseconds(1)
    /// Requests under way on one connection beyond which a paced load leaves ticks out.
    private static let backlogMax = 1_000
    /// Tokens of timers; connections have their index.
    private enum Token {
        static let tick = UInt64.max
        static let end = UInt64.max - 1
        static let patience = UInt64.max - 2
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps the loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(_ loop: EventLoop, to address: SocketAddress, sessions: Int) {
        (self.loop, self.address, count) = (loop, address, sessions)
    }

    // MARK: Runs

    /// Opens all sessions.
    ///
    /// - Parameter limit: After this time it gives up: a ZooKeeper that starts may never answer.
    /// - Returns: Nanoseconds from the first connection attempt to the last session.
    /// - Throws: When a connection fails, or the time is over.
    @discardableResult
    func open(within limit: Duration = .seconds(30)) async throws -> Int64 {
        let start = wallNanoseconds()
        let timer = loop.setTimer(at: loop.now + limit, handler: self, token: Token.patience)
        defer { loop.cancelTimer(timer) }
        try await wait { for _ in 0..<min(count, Self.dialsMax) { dial() } }
        return wallNanoseconds() - start
    }

    /// Sends requests, so many under way on each session, until that many are answered.
    func run(
        _ template: RequestTemplate,
        window: Int,
        requests: Int
    ) async throws -> Progress {
        (self.template, self.window, left, pace) = (template, window, requests, nil)
        return try await measure(replies: requests, events: 0) {
            for index in clients.indices { topUp(index) }
        }
    }

    /// Sends requests, so many under way on each session, for a while.
    func run(
        _ template: RequestTemplate,
        window: Int,
        for duration: Duration
    ) async throws -> Progress {
        (self.template, self.window, left, pace) = (template, window, .max / 2, nil)
        return try await measure(replies: .max / 2, events: 0) {
            loop.setTimer(at: loop.now + duration, handler: self, token: Token.end)
            for index in clients.indices { topUp(index) }
        }
    }

    /// Sends so many requests in each millisecond on each session, for a while, answered or not.
    func run(
        _ template: RequestTemplate,
        perTick: Int,
        for duration: Duration
    ) async throws -> Progress {
        (self.template, window, left) = (template, 0, .max / 2)
        pace = (perTick, loop.now, loop.now + duration)
        return try await measure(replies: .max / 2, events: 0) {
            loop.setTimer(at: loop.now, handler: self, token: Token.tick)
        }
    }

    /// One request on each session, and all answers.
    func each(_ template: RequestTemplate) async throws -> Progress {
        (self.template, window, left, pace) = (template, 0, 0, nil)
        return try await measure(replies: clients.count, events: 0) {
            for index in clients.indices { send(1, on: index) }
        }
    }

    /// One request on the first session, its reply, and an event on each session.
    func fire(_ template: RequestTemplate) async throws -> Progress {
        (self.template, window, left, pace) = (template, 0, 0, nil)
        return try await measure(replies: 1, events: clients.count) { send(1, on: 0) }
    }

    /// Ends all sessions, and with them their ephemerals.
    func close() async throws {
        _ = try await each(RequestTemplate(.closeSession))
        hangUp()
    }

    private func hangUp() {
        for client in clients where client.socket.descriptor >= 0 {
            loop.deregister(client.socket.descriptor)
            client.socket.close()
        }
        (clients, opened) = ([], 0)
    }

    private func measure(
        replies: Int,
        events: Int,
        _ begin: () -> Void
    ) async throws -> Progress {
        progress = Progress()
        missing = (replies, events)
        startedAt = wallNanoseconds()
        // Where a single request is timed, the waking of this side's core would be counted as the server's.
        if window == 1 { loop.stayAwake(until: loop.now + Self.awakeMax) }
        try await wait(begin)
        loop.stayAwake(until: loop.now)
        return progress
    }

    private func wait(_ begin: () -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            step = continuation
            begin()
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        progress.nanoseconds = wallNanoseconds() - startedAt
        step?.resume(with: result)
        step = nil
    }

    private func fail(_ reason: String) {
        hangUp()
        end(.failure(BenchmarkFailure(reason)))
    }

    // MARK: Events

    nonisolated func process(_ events: [LoopEvent]) {
        loop.isolated(self) { me in
            for event in events { me.handle(event) }
        }
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .timer(Token.tick): goOnPacing()
        case .timer(Token.patience): fail("\(address) gives no session")
        case .timer: stopSending()
        case .writable(let token): write(Int(token))
        case .readable(let token), .hangup(let token): read(Int(token))
        }
    }

    /// What is under way is waited for.
    private func stopSending() {
        left = 0
        missing.replies = clients.reduce(0) { $0 + $1.underWay }
        if missing.replies == 0 { end(.success(())) }
    }

    private func goOnPacing() {
        guard let (perTick, due, last) = pace else { return }
        var next = due
        while next <= loop.now, next < last {
            next = next + Self.tick
            for index in clients.indices where clients[index].underWay < Self.backlogMax {
                send(perTick, on: index)
            }
        }
        guard next < last else { return stopSending() }
        pace?.due = next
        loop.setTimer(at: next, handler: self, token: Token.tick)
    }

    private func dial() {
        do throws(RuntimeError) {
            let limits = StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 1 << 20)
            let socket = try StreamSocket.connect(to: address, limits: limits)
            let descriptor = socket.descriptor
            clients.append(Client(socket))
            let token = UInt64(clients.count - 1)
            try loop.register(descriptor, interest: .write, handler: self, token: token)
        } catch {
            fail("\(error)")
        }
    }

    private func write(_ index: Int) {
        guard clients.indices.contains(index), clients[index].socket.descriptor >= 0 else { return }
        let client = clients[index]
        if !client.isOpen {
            if let error = client.socket.connectionError() { return fail("\(error)") }
            var writer = ByteWriter()
            let request = ConnectRequest(timeoutMilliseconds: Self.timeoutMilliseconds)
            FrameWriter.append(request, to: &writer)
            _ = client.socket.send(writer.bytes)
        }
        if case .pending = client.socket.flush() { return }
        client.isBlocked = false
        loop.modify(client.socket.descriptor, interest: .read)
        if client.isOpen { topUp(index) }
    }

    private func read(_ index: Int) {
        guard clients.indices.contains(index), clients[index].socket.descriptor >= 0 else { return }
        let client = clients[index]
        for _ in 0..<4 {
            switch client.socket.fill() {
            case .received(let count):
                if count == 16_384 { continue }
            case .wouldBlock, .full: break
            case .end, .failed:
                guard client.isOpen, client.underWay == 0 else {
                    return fail("\(address) closed a connection")
                }
                loop.deregister(client.socket.descriptor)
                client.socket.close()
                return
            }
            break
        }
        if client.isOpen { takeReplies(index) } else { takeGreeting(client) }
    }

    private func takeGreeting(_ client: Client) {
        // 44 bytes without the read-only flag, which the request has.
        guard client.socket.inboundCount >= 41 else { return }
        client.socket.consume(client.socket.inboundCount)
        client.isOpen = true
        opened += 1
        if clients.count < count { dial() }
        if opened == count { end(.success(())) }
    }

    private func takeReplies(_ index: Int) {
        let client = clients[index]
        let seen = client.socket.withInbound { Tally($0) }
        guard seen.bytes > 0 else { return }
        client.socket.consume(seen.bytes)
        if seen.replies > 0, window == 1 { progress.delays.add(wallNanoseconds() - client.sentAt) }
        client.underWay -= seen.replies
        progress.replies += seen.replies
        progress.events += seen.events
        progress.failures += seen.failures
        missing.replies -= seen.replies
        missing.events -= seen.events
        if missing.replies == 0, missing.events <= 0 { return end(.success(())) }
        topUp(index)
    }

    private func topUp(_ index: Int) {
        guard clients.indices.contains(index), !clients[index].isBlocked else { return }
        let client = clients[index]
        let count = min(window - client.underWay, left)
        guard count > 0 else { return }
        left -= count
        send(count, on: index)
    }

    private func send(_ count: Int, on index: Int) {
        guard clients.indices.contains(index) else { return }
        let client = clients[index]
        batch.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            template.append(number, to: &batch)
            number += 1
        }
        client.underWay += count
        if window == 1 { client.sentAt = wallNanoseconds() }
        switch client.socket.write(batch.span) {
        case .done: return
        case .pending: break
        case .failed(let error): return fail("\(error)")
        }
        guard !client.isBlocked else { return }
        client.isBlocked = true
        loop.modify(client.socket.descriptor, interest: [.read, .write])
    }
}

/// What stands in the bytes of a session: whole frames, counted by what they are.
private struct Tally {
    var bytes = 0
    var replies = 0
    var events = 0
    var failures = 0

    /// Length, xid, zxid and error.
    private static let headBytes = 20

    init(_ stream: Span<UInt8>) {
        func number(at offset: Int) -> Int32 {
            let high = UInt32(stream[offset]) << 24 | UInt32(stream[offset + 1]) << 16
            let low = UInt32(stream[offset + 2]) << 8 | UInt32(stream[offset + 3])
            return Int32(bitPattern: high | low)
        }
        while stream.count - bytes >= Self.headBytes {
            let length = 4 + Int(number(at: bytes))
            guard stream.count - bytes >= length else { return }
            if number(at: bytes + 4) == XID.event {
                events += 1
            } else {
                replies += 1
                if number(at: bytes + 16) != 0 { failures += 1 }
            }
            bytes += length
        }
    }
}
