internal import ServiceModel

/// The search for a server that takes writes, while the session is on one that only reads.
///
/// Other servers are asked `isro` on connections of their own, as ZooKeeper 3.8's Java client does
/// (ClientCnxn pingRwServer), after pauses that double from 100 ms to 60 s. Deviations: after a pause all
/// others are asked, one after another, and not one of them; chance takes up to half of a pause away.
/// Pauses start small again only after a server took writes. Owner: the engine.
struct WritableSearch: Equatable {
    enum Step: Equatable {
        case off
        case pausing(until: Instant)
        case resolving(server: Int, deadline: Instant)
        case asking(probe: UInt64, server: Int, deadline: Instant)
    }

    private(set) var step = Step.off
    private var roundsEmpty = 0
    private var probesMade: UInt64 = 0
    /// Servers that this round still has to ask.
    private var left: [Int] = []

    /// When something has to happen; nil while nothing is searched.
    var deadline: Instant? {
        switch step {
        case .off: nil
        case .pausing(let moment), .resolving(_, let moment), .asking(_, _, let moment): moment
        }
    }

    /// Waits for the next round.
    mutating func pause(now: Instant, jitter: Double) {
        let doublings = min(roundsEmpty, Limits.searchDoublingsMax)
        let full = min(Limits.searchWaitMin * (1 << doublings), Limits.searchWaitMax)
        roundsEmpty += 1
        step = .pausing(until: now + full * (1 - jitter / 2))
    }

    /// Begins a round over all servers but one, from the one behind it.
    mutating func beginRound(without current: Int, of count: Int) {
        left = (1..<count).map { (current + $0) % count }
    }

    /// The next server of the round; nil when all were asked.
    mutating func next() -> Int? { left.isEmpty ? nil : left.removeFirst() }

    /// A server's name is looked up first.
    mutating func resolve(_ server: Int, now: Instant) {
        step = .resolving(server: server, deadline: now + Limits.probeTimeout)
    }

    /// A server is asked.
    ///
    /// - Returns: The number of the probe.
    mutating func ask(_ server: Int, now: Instant) -> UInt64 {
        probesMade += 1
        step = .asking(probe: probesMade, server: server, deadline: now + Limits.probeTimeout)
        return probesMade
    }

    /// Nothing is searched any more; the pauses go on growing from where they were.
    mutating func stop() { (step, left) = (.off, []) }

    /// A server took writes: the next search starts with a small pause.
    mutating func reset() {
        stop()
        roundsEmpty = 0
    }
}
