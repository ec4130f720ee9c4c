/// Where the console's event streams come from; the wiring fills it from the alerts.
///
/// A stream asks for what comes next when the network has room, and is woken when there may be more, so
/// it never holds more than one portion.
public struct EventFeed: Sendable {
    /// Where a stream starts.
    public enum Position: Equatable, Sendable {
        /// With what happens from now on.
        case now
        /// With the oldest event that is still held.
        case oldest
        /// Behind the event with this id, as the client sent it.
        case after(String)
    }

    /// One event, ready to be sent.
    public struct Item: Equatable, Sendable {
        /// What the client sends back to go on here; one line of visible ASCII.
        public let id: String
        /// What happened, a word.
        public let kind: String
        /// One JSON object without line ends.
        public let json: String

        /// Creates an item; nothing is checked here.
        public init(id: String, kind: String, json: String) {
            (self.id, self.kind, self.json) = (id, kind, json)
        }
    }

    /// What comes next.
    public enum Next: Equatable, Sendable {
        /// Events in order, at least one.
        case items([Item])
        /// Nothing newer; the stream is woken when there is.
        case nothing
        /// Events were missed and the client has to read the state anew; the next is behind `id`.
        case gap(id: String, reason: String)
        /// There will be nothing more.
        case closed(reason: String)
    }

    /// One stream's place in the events.
    public struct Subscription: Sendable {
        let next: @Sendable (_ countMax: Int) -> Next
        let cancel: @Sendable () -> Void

        /// Creates a subscription.
        ///
        /// - Parameters:
        ///   - next: Gives what comes next, at most that many; must not block.
        ///   - cancel: Ends the subscription; called once.
        public init(
            next: @escaping @Sendable (_ countMax: Int) -> Next,
            cancel: @escaping @Sendable () -> Void
        ) {
            (self.next, self.cancel) = (next, cancel)
        }
    }

    /// What became of a wish to subscribe.
    public enum Admission: Sendable {
        /// The stream may start.
        case admitted(Subscription)
        /// The position is no event id; a sentence for the client.
        case badPosition(String)
        /// There are too many subscribers.
        case full
    }

    let subscribe: @Sendable (Position, _ wake: @escaping @Sendable () -> Void) -> Admission

    /// Creates a feed.
    ///
    /// - Parameter subscribe: Admits a stream; its second argument is to be called, on any thread and
    ///   without any lock held, when there may be something new.
    public init(
        subscribe:
            @escaping @Sendable (Position, _ wake: @escaping @Sendable () -> Void) -> Admission
    ) {
        self.subscribe = subscribe
    }
}
