public import ServiceModel

/// A client's session as the tree keeps it: its timeout, its deadline and its ephemerals.
///
/// Only `ZNodeTree` changes it. Invariant: while it is alive it stands in the tree's queue of expiries, never
/// later than at its `deadline`.
final class Session: Queued {
    let id: Int64
    var timeout: Duration
    /// Of the change that gave it this timeout; 0 when it was put back with it.
    var zxid: Int64 = 0
    /// When it expires unless it is heard of before.
    var deadline: Instant
    var queueIndex = -1
    var ephemerals: [ZNode] = []

    init(id: Int64, timeout: Duration, deadline: Instant) {
        (self.id, self.timeout, self.deadline) = (id, timeout, deadline)
    }

    func append(ephemeral: ZNode) {
        ephemeral.indexInOwner = ephemerals.count
        ephemerals.append(ephemeral)
    }

    func remove(ephemeral: ZNode) {
        let last = ephemerals.removeLast()
        guard last !== ephemeral else { return }
        ephemerals[ephemeral.indexInOwner] = last
        last.indexInOwner = ephemeral.indexInOwner
    }
}

/// What is known of a session, for status pages and the `dump` word.
public struct SessionSummary: Equatable, Sendable {
    /// Its id.
    public let id: Int64
    /// The timeout granted.
    public let timeout: Duration
    /// When it expires unless it is heard of before.
    public let deadline: Instant
    /// How many ephemerals it owns.
    public let ephemeralCount: Int
}
