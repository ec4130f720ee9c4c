import Synchronization

/// One reader's place in the events; asks for the next ones when it is woken or has room.
///
/// Made by `AlertLog.subscribe`. Any thread may read, one at a time has its turn. It holds no events
/// itself: a reader that is overtaken by the history gets one `gap` and goes on behind it.
public final class EventSubscription: Sendable {
    /// What a reader gets.
    public enum Next: Equatable, Sendable {
        /// The next events in order, at least one.
        case events([RenderedEvent])
        /// Nothing newer; the reader is woken when there is.
        case nothing
        /// Events were missed: the view has to be read anew; the next event is behind `id`.
        case gap(id: EventID, reason: String)
        /// There will be nothing more.
        case closed(reason: String)
    }

    private let log: AlertLog
    private let reader: UInt64
    private let cursor: Mutex<EventCursor>

    init(log: AlertLog, reader: UInt64, cursor: EventCursor) {
        (self.log, self.reader) = (log, reader)
        self.cursor = Mutex(cursor)
    }

    /// What comes next.
    ///
    /// - Parameter countMax: Most events at once, at least 1.
    /// - Returns: Events in order, or why there are none.
    public func next(countMax: Int) -> Next {
        cursor.withLock { log.read(&$0, countMax: countMax) }
    }

    /// Ends the subscription; it is not woken any more.
    public func cancel() { log.remove(reader: reader) }
}

/// How far a reader has come.
struct EventCursor {
    private let stream: String
    private var after: UInt64
    /// Why the first thing that the reader gets is a gap; nil when it is none.
    private var gapReason: String?

    init(_ position: AlertLog.Position, stream: String, history: EventHistory) {
        self.stream = stream
        switch position {
        case .now: after = history.last
        case .oldest: after = history.floor
        case .after(let id):
            after = id.stream == stream ? id.number : history.last
            if id.stream != stream { gapReason = "the daemon was started anew since \(id)" }
        }
    }

    mutating func next(in history: EventHistory, countMax: Int) -> EventSubscription.Next {
        if let reason = gapReason {
            gapReason = nil
            after = history.last
            return .gap(id: EventID(stream: stream, number: after), reason: reason)
        }
        switch history.read(after: after, countMax: countMax) {
        case .nothing: return .nothing
        case .events(let events):
            after = events.last?.id.number ?? after
            return .events(events)
        case .gap(let last):
            let missed = EventID(stream: stream, number: after)
            after = last
            let reason = "events behind \(missed) are not held any more"
            return .gap(id: EventID(stream: stream, number: last), reason: reason)
        }
    }
}
