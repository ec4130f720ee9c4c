import Glibc
import Runtime
import ServiceModel

/// One attempt to connect to an address, closed as soon as its outcome is known.
///
/// Owner: the command that made it; it lives on a loop of the program's own, and tries once.
actor ConnectAttempt: LoopHandler {
    private let loop: EventLoop
    private var stream: StreamSocket?
    private var timer: TimerID?
    private var done: CheckedContinuation<TreeAudit.Knock, Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is kept alive by the stored reference.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop) { self.loop = loop }

    /// Connects, and waits for the outcome for `Limits.knockTime`.
    func knock(at address: SocketAddress) async -> TreeAudit.Knock {
        do throws(RuntimeError) {
            let limits = StreamLimits(inboundBytesMax: 64, outboundBytesMax: 64)
            let stream = try StreamSocket.connect(to: address, limits: limits)
            try loop.register(stream.descriptor, interest: .write, handler: self, token: 0)
            self.stream = consume stream
        } catch {
            return Self.outcome(of: error)
        }
        timer = loop.setTimer(at: loop.now + Limits.knockTime, handler: self, token: 1)
        return await withCheckedContinuation { done = $0 }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.handle(event) } }
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .writable, .readable, .hangup:
            end(stream?.connectionError().map(Self.outcome) ?? .open)
        case .timer:
            timer = nil
            end(.silent)
        }
    }

    private static func outcome(of error: RuntimeError) -> TreeAudit.Knock {
        switch error.cause {
        case ECONNREFUSED: .refused
        case ETIMEDOUT: .silent
        default: .failed(error.message)
        }
    }

    private func end(_ knock: TreeAudit.Knock) {
        guard let descriptor = stream?.descriptor else { return }
        loop.deregister(descriptor)
        stream = nil
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        done?.resume(returning: knock)
        done = nil
    }
}

extension CommandContext {
    /// Connects to addresses, some at a time.
    ///
    /// - Parameter endpoints: Each with a port.
    /// - Returns: What came of each.
    func knocks(at endpoints: [Endpoint]) async -> [Endpoint: TreeAudit.Knock] {
        await withTaskGroup(of: (Endpoint, TreeAudit.Knock).self) { group in
            var (outcomes, rest) = ([Endpoint: TreeAudit.Knock](), endpoints[...])
            func startNext() {
                guard let endpoint = rest.popFirst() else { return }
                group.addTask {
                    let attempt = ConnectAttempt(loop: loop)
                    return (endpoint, await attempt.knock(at: SocketAddress(endpoint)))
                }
            }
            for _ in 0..<Limits.knocksAtOnce { startNext() }
            for await (endpoint, outcome) in group {
                outcomes[endpoint] = outcome
                startNext()
            }
            return outcomes
        }
    }
}
