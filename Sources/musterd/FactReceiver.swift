import Membership
import ServiceModel
import Synchronization

/// Hands the embedded registry's session facts to the aggregator, which is made after the registry.
final class FactReceiver: Sendable {
    private let aggregator = Mutex<Aggregator?>(nil)

    /// From now on facts go to the aggregator; those before it are of nobody it knows.
    func follow(_ follower: Aggregator) { aggregator.withLock { $0 = follower } }

    /// Called on the registry's loop, before the events that the fact explains are written.
    func tell(_ fact: SessionFact) { aggregator.withLock { $0 }?.tell(fact) }
}
