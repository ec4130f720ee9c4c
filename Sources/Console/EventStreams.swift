import Runtime
import Synchronization
import Telemetry

/// All event streams of both listeners: admits them up to a bound, shows them signs of life, ends them.
final class EventStreams: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: EventStream] = [:]
        var isClosed = false
        /// Waits for the last stream to go.
        var drained: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let feed: EventFeed
    private let gauge: Gauge

    init(feed: EventFeed, metrics: MetricsRegistry) {
        self.feed = feed
        gauge = metrics.gauge("muster_console_streams", help: "Event streams that are open.")
    }

    /// Subscribes a new stream.
    ///
    /// - Returns: Nil when it may start, else the answer that it gets instead.
    func admit(_ stream: EventStream, from position: EventFeed.Position) -> HTTPResponse? {
        let isAdmitted = state.withLock { state in
            guard !state.isClosed, state.streams.count < Limits.streamsMax else { return false }
            state.streams[ObjectIdentifier(stream)] = stream
            gauge.set(state.streams.count)
            return true
        }
        guard isAdmitted else { return .streamsTaken }
        switch feed.subscribe(position, { [weak stream] in stream?.wake() }) {
        case .admitted(let subscription):
            stream.begin(subscription)
            return nil
        case .full:
            remove(stream)
            return .streamsTaken
        case .badPosition(let message):
            remove(stream)
            return .failure(400, message, "use the id of an event, oldest or now")
        }
    }

    /// Forgets a stream whose connection is gone.
    func remove(_ stream: EventStream) {
        stream.finish()
        let drained = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.streams[ObjectIdentifier(stream)] = nil
            gauge.set(state.streams.count)
            guard state.streams.isEmpty else { return nil }
            defer { state.drained = nil }
            return state.drained
        }
        drained?.resume()
    }

    /// Shows all silent clients that their streams still stand.
    func beat() { for stream in all { stream.beat() } }

    /// Ends all streams, admits no more, and waits until their clients have read the end.
    ///
    /// - Parameter loop: Has a timer for the clients that do not read.
    func close(loop: EventLoop) async {
        state.withLock { $0.isClosed = true }
        for stream in all { stream.close() }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if !state.streams.isEmpty { state.drained = continuation }
                return state.streams.isEmpty
            }
            if isDrained { return continuation.resume() }
            let deadline = LoopTimer { self.stopDraining() }
            let isPosted = loop.post { deadline.set(on: loop, after: Limits.drainTimeMax) }
            if !isPosted { stopDraining() }
        }
    }

    private func stopDraining() {
        let drained = state.withLock { state in
            defer { state.drained = nil }
            return state.drained
        }
        drained?.resume()
    }

    private var all: [EventStream] { state.withLock { Array($0.streams.values) } }
}
