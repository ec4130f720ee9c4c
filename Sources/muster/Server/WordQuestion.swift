import Runtime
import ServiceModel

/// One four-letter word asked of one server: connect, send, read until the server closes.
///
/// Owner: the command that made it; it lives on a loop of the program's own, and asks once.
actor WordQuestion: LoopHandler {
    /// What came of asking.
    enum Answer: Equatable, Sendable {
        /// Everything that the server wrote before it closed.
        case text(String)
        /// Nobody listens there, or the connection was lost.
        case unreachable(String)
        /// Connected, and nothing or not all of it came in time.
        case silent
    }

    private let loop: EventLoop
    private var stream: StreamSocket?
    private var bytes: [UInt8] = []
    private var timer: TimerID?
    private var done: CheckedContinuation<Answer, Never>?
    private var isConnected = false

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is kept alive by the stored reference.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop) { self.loop = loop }

    /// Asks, and waits for the answer until the deadline.
    ///
    /// - Parameters:
    ///   - word: Four letters.
    ///   - address: Where the server listens.
    ///   - deadline: After it the answer is `silent`.
    /// - Returns: What came of it.
    func ask(_ word: String, _ address: SocketAddress, deadline: Instant) async -> Answer {
        do throws(RuntimeError) {
            let limits = StreamLimits(
                inboundBytesMax: Limits.wordAnswerBytesMax,
                outboundBytesMax: 64
            )
            var stream = try StreamSocket.connect(to: address, limits: limits)
            _ = stream.send(Array((word + "\n").utf8))
            let interest: Interest = [.read, .write]
            try loop.register(stream.descriptor, interest: interest, handler: self, token: 0)
            self.stream = consume stream
        } catch {
            return .unreachable("\(error)")
        }
        timer = loop.setTimer(at: deadline, handler: self, token: 1)
        return await withCheckedContinuation { done = $0 }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.handle(event) } }
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .writable: flush()
        case .readable, .hangup: read()
        case .timer:
            timer = nil
            end(isConnected ? .silent : .unreachable("no connection within the time given"))
        }
    }

    private func flush() {
        if let error = stream?.connectionError() { return end(.unreachable("\(error)")) }
        isConnected = true
        switch stream?.flush() {
        case .done:
            guard let descriptor = stream?.descriptor else { return }
            loop.modify(descriptor, interest: .read)
        case .failed(let error): end(.unreachable("\(error)"))
        case .pending, nil: break
        }
    }

    private func read() {
        if !isConnected, let error = stream?.connectionError() {
            return end(.unreachable("\(error)"))
        }
        while let outcome = stream?.fill() {
            switch outcome {
            case .received(let count):
                isConnected = true
                let received = stream?.withInbound { span in span.indices.map { span[$0] } } ?? []
                stream?.consume(count)
                bytes += received.suffix(count)
                guard bytes.count < Limits.wordAnswerBytesMax else { return end(.text(text)) }
            case .wouldBlock, .full: return
            case .end: return end(.text(text))
            case .failed(let error):
                // A server that closes with our line feed unread resets the connection behind its answer.
                return end(bytes.isEmpty ? failure(error) : .text(text))
            }
        }
    }

    private func failure(_ error: RuntimeError) -> Answer {
        isConnected ? .text("") : .unreachable("\(error)")
    }

    private var text: String { String(decoding: bytes, as: UTF8.self) }

    private func end(_ answer: Answer) {
        guard let descriptor = stream?.descriptor else { return }
        loop.deregister(descriptor)
        stream = nil
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        done?.resume(returning: answer)
        done = nil
    }
}
