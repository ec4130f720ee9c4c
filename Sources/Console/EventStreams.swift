import Synchronization
import Telemetry

/// All event streams of both listeners: admits them up to a bound, shows them signs of life, ends them.
final class EventStreams: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: EventStream] = [:]
        var isClosed = false
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
        state.withLock { state in
            state.streams[ObjectIdentifier(stream)] = nil
            gauge.set(state.streams.count)
        }
    }

    /// Shows all silent clients that their streams still stand.
    func beat() { for stream in all { stream.beat() } }

    /// Ends all streams and admits no more.
    func close() {
        state.withLock { $0.isClosed = true }
        for stream in all { stream.close() }
    }

    private var all: [EventStream] { state.withLock { Array($0.streams.values) } }
}
