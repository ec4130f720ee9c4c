/// The last events, without gaps, so that a reader who was away can go on where it stopped.
///
/// A ring: event number n lies in place n modulo its capacity. Invariant: exactly the events with the
/// numbers `floor + 1 ... last` are held, at most as many as the capacity. Owner: `AlertLog`'s lock.
struct EventHistory {
    /// What a reader gets.
    enum Reading: Equatable {
        /// The next events in order, at least one.
        case events([RenderedEvent])
        /// Nothing newer yet.
        case nothing
        /// What comes next is not held any more, or never was; `last` is where the reader may go on.
        case gap(last: UInt64)
    }

    private var ring: [RenderedEvent?]
    /// Number of the newest event that was seen, held or not.
    private(set) var last: UInt64 = 0
    /// Everything up to this number is not held.
    private(set) var floor: UInt64 = 0

    /// Creates an empty history.
    ///
    /// - Parameter capacity: Events held at most, at least 1.
    init(capacity: Int) {
        precondition(capacity > 0, "a history of \(capacity) events")
        ring = Array(repeating: nil, count: capacity)
    }

    /// Number of events held.
    var count: Int { Int(last - floor) }

    /// Takes in the next event; one whose number does not follow starts the history anew.
    ///
    /// - Parameter event: Its number is larger than that of the last one.
    mutating func append(_ event: RenderedEvent) {
        let number = event.id.number
        guard number > last else { return }
        if number != last + 1 { skip(to: number - 1) }
        ring[place(number)] = event
        last = number
        floor = max(floor, last - min(last, UInt64(ring.count)))
    }

    /// Notes that everything up to a number happened and is not held: the first view, or a loss.
    mutating func skip(to number: UInt64) {
        guard number > last else { return }
        (last, floor) = (number, number)
        for index in ring.indices { ring[index] = nil }
    }

    /// The events after a number.
    ///
    /// - Parameters:
    ///   - after: Number of the last event that the reader has; one that is still to come waits.
    ///   - countMax: Most events in one reading, at least 1.
    /// - Returns: Events in order, nothing, or where to go on after a gap.
    func read(after: UInt64, countMax: Int) -> Reading {
        guard after < last else { return .nothing }
        guard after >= floor else { return .gap(last: last) }
        let upTo = after + min(last - after, UInt64(max(countMax, 1)))
        return .events((after + 1...upTo).compactMap { ring[place($0)] })
    }

    private func place(_ number: UInt64) -> Int { Int(number % UInt64(ring.count)) }
}
