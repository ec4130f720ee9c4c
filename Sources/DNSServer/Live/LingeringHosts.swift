import ServiceModel

/// Records of hosts whose instance left, in the order in which they go.
///
/// A client that still holds an SRV record finds its target's address until the SRV's TTL is over.
/// Invariant: at most `Limits.lingeringRecordsMax` wait; the oldest go early.
struct LingeringHosts {
    private var waiting: [(deadline: Instant, placed: Placed)] = []
    /// Index of the oldest; those before it are gone.
    private var first = 0

    /// When the oldest goes.
    var nextDeadline: Instant? { first < waiting.count ? waiting[first].deadline : nil }

    /// Lets a record wait.
    ///
    /// - Returns: A record that has to go now to make room.
    mutating func append(_ placed: Placed, until deadline: Instant) -> Placed? {
        waiting.append((deadline, placed))
        return waiting.count - first > Limits.lingeringRecordsMax ? takeFirst() : nil
    }

    /// Those whose time is over.
    ///
    /// Where zones have different TTLs one may wait behind another that goes later, at most for the
    /// longest TTL.
    mutating func take(until now: Instant) -> [Placed] {
        var due: [Placed] = []
        while let deadline = nextDeadline, deadline <= now { due.append(takeFirst()) }
        return due
    }

    /// All of them; none waits after this.
    mutating func takeAll() -> [Placed] {
        defer { (waiting, first) = ([], 0) }
        return waiting[first...].map(\.placed)
    }

    private mutating func takeFirst() -> Placed {
        defer {
            first += 1
            if first * 2 > waiting.count {
                waiting.removeFirst(first)
                first = 0
            }
        }
        return waiting[first].placed
    }
}
