internal import CLinux
internal import Synchronization

/// A plain named thread that runs one closure, for work that blocks or must not share a thread.
///
/// Owner: whoever made it; `join` waits for the closure's end and may be called from one place only.
public final class WorkerThread: Sendable {
    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// What the thread is called in `top -H` and in backtraces (cut to 15 bytes there).
    public let name: String
    private let thread: Mutex<UInt64?>

    /// Starts the thread; it keeps whatever the closure captured until the closure returns.
    ///
    /// - Parameters:
    ///   - name: The thread's name.
    ///   - body: Runs on the thread, once.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        var started: UInt64 = 0
        // SAFETY: the retained object is taken over by the thread, exactly once, as its first act.
        let start = unsafe Unmanaged.passRetained(Start(body))
        let result = unsafe muster_thread_start(
            name,
            { @Sendable argument in
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
            },
            start.toOpaque(),
            &started
        )
        guard result == 0 else { fatalError("thread \(name) cannot start: error \(-result)") }
        thread = Mutex(started)
    }

    /// Waits until the closure has returned; the second call returns at once.
    ///
    /// On the thread itself, where the last owner may go, it returns at once too, and the thread ends by itself.
    public func join() {
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let started else { return }
        let result = muster_thread_join(started)
        guard result == 0 else { fatalError("thread \(name) cannot be joined: error \(-result)") }
    }
}
