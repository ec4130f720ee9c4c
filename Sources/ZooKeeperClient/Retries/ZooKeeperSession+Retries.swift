internal import Runtime
internal import ServiceModel

// Trying again what failed.
extension ZooKeeperSession {
    /// Does something, and does it again while a policy allows and no harm comes of it.
    ///
    /// - Parameters:
    ///   - policy: How often, and after which pauses.
    ///   - repetition: `.ifNotDone` unless the body only reads, or a second time changes nothing.
    ///   - body: Uses this session; errors other than `ZooKeeperError` end it at once.
    /// - Returns: What the body returns.
    /// - Throws: The last error of the body. A task that is cancelled tries no more.
    public func retrying<Value: Sendable>(
        _ policy: RetryPolicy,
        _ repetition: Repetition = .ifNotDone,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        var attempts = Attempts(policy, at: loop.now)
        while true {
            do {
                return try await body()
            } catch let error as ZooKeeperError {
                guard repetition.isSafe(after: error), await goesOn(&attempts) else { throw error }
            }
        }
    }

    /// Waits for the next try.
    ///
    /// - Returns: False when there is none, because of the policy or as the task is cancelled.
    func goesOn(_ attempts: inout Attempts) async -> Bool {
        guard let pause = attempts.next(at: loop.now, jitter: engine.jitter()) else { return false }
        await self.pause(pause)
        return !Task.isCancelled
    }

    /// Waits on the loop's clock; a task that is cancelled goes on at once.
    func pause(_ duration: Duration) async {
        let number = pauses.nextNumber()
        defer { if let timer = pauses.forget(number) { loop.cancelTimer(timer) } }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                guard pauses.add(number, waiter) else { return }
                let deadline = loop.now + duration
                pauses.set(loop.setTimer(at: deadline, handler: self, token: number), number)
            }
        } onCancel: {
            loop.post { [self] in assumeIsolated { $0.pauses.cancel(number) } }
        }
    }
}

/// Tries of one thing: how many there were, and since when.
struct Attempts {
    private let policy: RetryPolicy
    private let start: Instant
    private var retries = 0

    init(_ policy: RetryPolicy, at now: Instant) { (self.policy, start) = (policy, now) }

    mutating func next(at now: Instant, jitter: Double) -> Duration? {
        retries += 1
        return policy.pause(before: retries, elapsed: now - start, jitter: jitter)
    }
}
