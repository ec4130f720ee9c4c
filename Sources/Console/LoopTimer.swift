import Runtime
import ServiceModel

/// Calls a closure once a time has passed, on a loop.
final class LoopTimer: LoopHandler {
    private let fire: @Sendable () -> Void

    init(_ fire: @escaping @Sendable () -> Void) { self.fire = fire }

    /// Starts the time; on the loop's thread.
    func set(on loop: EventLoop, after time: Duration) {
        loop.setTimer(at: loop.now + time, handler: self, token: 0)
    }

    func process(_ events: [LoopEvent]) { fire() }
}
