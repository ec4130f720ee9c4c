import Runtime
import ServiceModel
import Synchronization

/// A small HTTP server on a free loopback port that keeps what is posted and answers as it is told.
///
/// It reads requests with a Content-Length, one after the other on each connection.
actor Receiver: LoopHandler {
    struct Post: Equatable, Sendable {
        let head: String
        let body: String
    }

    private let loop: EventLoop
    private let log: PostLog
    private let answer: @Sendable (_ earlierPosts: Int) -> Int
    private var listener: ListenSocket
    private var connections = Connections()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    // `answer` gives the status for a post, by the number of posts before it; 0 hangs up.
    init(
        loop: EventLoop,
        log: PostLog,
        answer: @escaping @Sendable (_ earlierPosts: Int) -> Int = { _ in 200 }
    ) throws {
        (self.loop, self.log, self.answer) = (loop, log, answer)
        listener = try ListenSocket(on: .loopback())
    }

    func start() throws -> String {
        try loop.register(listener.descriptor, interest: .read, handler: self, token: 0)
        guard let address = listener.localAddress else { return "" }
        return "http://\(address)/hook"
    }

    func stop() {
        loop.deregister(listener.descriptor)
        listener.close()
        for descriptor in connections.descriptors { loop.deregister(descriptor) }
        connections = Connections()
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.handle(event) } }
    }

    private func handle(_ event: LoopEvent) {
        guard event.token == 0 else { return serve(Int32(event.token)) }
        let limits = StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 1 << 20)
        guard let stream = try? listener.accept(limits: limits) else { return }
        let descriptor = stream.descriptor
        connections.add(stream)
        do {
            try loop.register(
                descriptor,
                interest: .read,
                handler: self,
                token: UInt64(descriptor)
            )
        } catch {
            connections.remove(descriptor)
        }
    }

    private func serve(_ descriptor: Int32) {
        let isOpen = connections.read(descriptor) { request in
            let status = answer(log.posts.count)
            log.append(request)
            guard status > 0 else { return nil }
            return "HTTP/1.1 \(status) Whatever\r\nContent-Length: 2\r\n\r\nok"
        }
        guard !isOpen else { return }
        loop.deregister(descriptor)
        connections.remove(descriptor)
    }
}

/// What was posted, for tests that wait for it on another thread.
final class PostLog: Sendable {
    private struct State {
        var posts: [Receiver.Post] = []
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }
    private let state = Mutex(State())

    var posts: [Receiver.Post] { state.withLock { $0.posts } }

    func append(_ post: Receiver.Post) {
        let done = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.posts.append(post)
            guard let waiter = state.waiter, state.posts.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        done?.resume()
    }

    /// Returns once so many were posted; the test's time limit bounds it.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                guard state.posts.count < count else { return true }
                state.waiter = (count, continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}

/// The receiver's connections; streams cannot be copied, so they live in boxes.
private struct Connections {
    private final class Box {
        var stream: StreamSocket
        init(_ stream: consuming StreamSocket) { self.stream = stream }
    }
    private var boxes: [Int32: Box] = [:]

    var descriptors: [Int32] { Array(boxes.keys) }

    mutating func add(_ stream: consuming StreamSocket) {
        let descriptor = stream.descriptor
        boxes[descriptor] = Box(stream)
    }

    mutating func remove(_ descriptor: Int32) { boxes[descriptor] = nil }

    /// Answers the requests that are complete; false when the connection is to be closed.
    func read(_ descriptor: Int32, _ answer: (Receiver.Post) -> String?) -> Bool {
        guard let box = boxes[descriptor], case .received = box.stream.fill() else { return false }
        while let (post, count) = Self.firstPost(box.stream.inbound) {
            box.stream.consume(count)
            guard let reply = answer(post), box.stream.send(Array(reply.utf8)),
                box.stream.flush() == .done
            else { return false }
        }
        return true
    }

    private static func firstPost(_ span: Span<UInt8>) -> (Receiver.Post, Int)? {
        var bytes: [UInt8] = []
        for index in span.indices { bytes.append(span[index]) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let gap = text.firstRange(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<gap.lowerBound])
        let length = head.split(separator: "\r\n").compactMap { line in
            let parts = line.split(separator: ": ")
            return parts.first?.lowercased() == "content-length" ? Int(parts[1]) : nil
        }
        let body = Array(text[gap.upperBound...].utf8)
        guard let length = length.first, body.count >= length else { return nil }
        let post = Receiver.Post(
            head: head,
            body: String(decoding: body.prefix(length), as: UTF8.self)
        )
        return (post, head.utf8.count + 4 + length)
    }
}
