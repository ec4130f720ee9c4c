import Runtime
import ServiceModel
import Synchronization

/// Shows the event streams' clients every few seconds that the daemon lives; a timer on a loop.
final class Heartbeat: LoopHandler {
    private let loop: EventLoop
    private let streams: EventStreams
    private let isStopped = Atomic<Bool>(false)

    init(loop: EventLoop, streams: EventStreams) { (self.loop, self.streams) = (loop, streams) }

    func start() { loop.post { self.arm() } }

    /// The timer that is set fires once more and does nothing.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    func process(_ events: [LoopEvent]) {
        guard !isStopped.load(ordering: .relaxed) else { return }
        streams.beat()
        arm()
    }

    private func arm() {
        loop.setTimer(at: loop.now + Limits.heartbeatInterval, handler: self, token: 0)
    }
}
