import Runtime
import Synchronization

/// Shows the event streams' clients every few seconds that the daemon lives; a timer on a loop.
final class Heartbeat: Sendable {
    private let loop: EventLoop
    private let streams: EventStreams
    private let isStopped = Atomic<Bool>(false)

    init(loop: EventLoop, streams: EventStreams) { (self.loop, self.streams) = (loop, streams) }

    func start() { loop.post { self.arm() } }

    /// The timer that is set fires once more and does nothing.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func arm() {
        let timer = LoopTimer {
            guard !self.isStopped.load(ordering: .relaxed) else { return }
            self.streams.beat()
            self.arm()
        }
        timer.set(on: loop, after: Limits.heartbeatInterval)
    }
}
