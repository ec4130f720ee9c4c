import ServiceModel

/// Connections that used up a slice of work and wait for another, and when it is their turn.
///
/// Those who ask for little come first: behind each slice of the line for some time, and for longer behind one
/// that took long. Nobody else's silence is waited for, so the line works all the time that is left over. Invariant:
/// a connection stands in it once at most, which `Link.isInLine` says.
struct WaitingLine {
    /// Oldest first, from `first` on.
    private var tokens: [UInt64] = []
    private var first = 0
    /// The line does not move before.
    private(set) var restsUntil = Instant(nanoseconds: .min)
    /// Nor before this in a turn that hears others.
    private var othersFirstUntil = Instant(nanoseconds: .min)
    /// When somebody was heard who does not stand in line.
    private var othersHeardAt = Instant(nanoseconds: .min)

    var isEmpty: Bool { first == tokens.count }

    mutating func append(_ token: UInt64) { tokens.append(token) }

    mutating func popFirst() -> UInt64? {
        guard first < tokens.count else { return nil }
        let token = tokens[first]
        first += 1
        if first > tokens.count / 2 {
            tokens.removeFirst(first)
            first = 0
        }
        return token
    }

    mutating func removeAll() { (tokens, first) = ([], 0) }

    /// Somebody who does not stand in line was heard in this turn.
    mutating func othersWereHeard(_ now: Instant) { othersHeardAt = now }

    /// True in the turn in which others were heard.
    func hearsOthers(_ now: Instant) -> Bool { othersHeardAt == now }

    /// True when others were heard not long ago.
    func hasOthers(_ now: Instant) -> Bool { now - othersHeardAt < Limits.othersHeardTime }

    /// True when a turn has time for the line.
    func isDue(_ now: Instant) -> Bool {
        now >= restsUntil && (!hearsOthers(now) || now >= othersFirstUntil)
    }

    /// The line worked for so long while there are others.
    mutating func worked(from start: Instant, to end: Instant) {
        othersFirstUntil = end + (end - start) * Limits.othersFirstFactor
        if end - start > Limits.heavyTurnTime { restsUntil = end + (end - start) }
    }
}
