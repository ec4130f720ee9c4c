import ServiceModel

/// A session: when it was heard of, and what the server could not hear since.
struct PlainSession {
    var timeout: Duration
    var heard: Instant
    /// The change that gave it its timeout; 0 when it came from the disk.
    var changed: Int64 = 0
    /// What stalls add to the deadline, at least and at most.
    var pauseMin = Duration.zero
    var pauseMax = Duration.zero

    /// An expiry may be this late (DESIGN section 4).
    static let latenessMax = Duration.milliseconds(100)

    mutating func hear(_ now: Instant) {
        (heard, pauseMin, pauseMax) = (max(heard, now), .zero, .zero)
    }

    /// The server takes it for alive without a request of its own.
    mutating func mayHaveBeenHeard(_ now: Instant) { pauseMax = max(pauseMax, now - heard) }

    mutating func stalled(atLeast: Duration, atMost: Duration) {
        pauseMin += atLeast
        pauseMax += atMost
    }

    var earliestEnd: Instant { heard + timeout + pauseMin }
    var latestEnd: Instant { heard + timeout + pauseMax + Self.latenessMax }
}
