internal import CLinux
internal import Synchronization

/// One named thread for calls that block (getaddrinfo, fsync, libcurl), with a bounded queue.
///
/// Work runs in the order in which it came, one piece at a time. Owner: whoever made it, who stops it.
public final class BlockingThread: Sendable {
    private struct Queue {
        var work: [@Sendable () -> Void] = []
        var isStopped = false
    }
    private final class Shared: Sendable {
        let queue = Mutex(Queue())
        let arrivals = muster_eventfd(0, 1)
        deinit { _ = muster_close(arrivals) }
    }

    private let shared = Shared()
    private let thread: WorkerThread
    private let queueMax: Int

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: The thread's name.
    ///   - queueMax: Pieces of work that may wait, 256 if not given; more are refused.
    public init(name: String, queueMax: Int? = nil) {
        let queueMax = queueMax ?? Limits.blockingQueueMax
        guard queueMax > 0, shared.arrivals >= 0 else {
            fatalError("blocking thread \(name): queue of \(queueMax), eventfd \(shared.arrivals)")
        }
        self.queueMax = queueMax
        let shared = shared
        thread = WorkerThread(name: name) { Self.run(shared) }
    }

    /// Queues a piece of work without waiting for it.
    ///
    /// - Returns: False, with nothing queued, when the queue is full or the thread was stopped.
    public func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = shared.queue.withLock { queue in
            guard !queue.isStopped, queue.work.count < queueMax else { return false }
            queue.work.append(work)
            return true
        }
        if isTaken { _ = muster_eventfd_add(shared.arrivals) }
        return isTaken
    }

    /// Runs a piece of work on the thread and waits for its result.
    ///
    /// Cancelling the caller does not stop work that blocks; the result is then waited for all the same.
    ///
    /// - Parameter work: May block.
    /// - Returns: What the work returned.
    /// - Throws: `RuntimeError` `.overloaded` or `.closed` when nothing was started; else what the work
    ///   threw.
    public func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit { continuation.resume(with: Result(catching: work)) }
            guard !isTaken else { return }
            let isStopped = shared.queue.withLock { $0.isStopped }
            continuation.resume(
                throwing: isStopped
                    ? RuntimeError(.closed, "thread \(thread.name) was stopped")
                    : RuntimeError(
                        .overloaded,
                        "thread \(thread.name) has \(queueMax) calls waiting"
                    )
            )
        }
    }

    /// Finishes what is queued, then ends the thread; returns after that, or at once on the thread itself.
    public func stop() {
        shared.queue.withLock { $0.isStopped = true }
        _ = muster_eventfd_add(shared.arrivals)
        thread.join()
    }

    private static func run(_ shared: Shared) {
        while true {
            _ = muster_eventfd_take(shared.arrivals)
            let (work, isDone) = shared.queue.withLock { queue in
                var work: [@Sendable () -> Void] = []
                swap(&work, &queue.work)
                return (work, queue.isStopped)
            }
            for piece in work { piece() }
            if isDone { return }
        }
    }
}
