/// One change of membership: the numbered event that answers, alerts and watchers are made from.
public struct ViewDelta: Equatable, Sendable {
    /// What changed.
    public enum Change: Equatable, Sendable {
        /// The service is known now, perhaps without instances.
        case serviceAppeared
        /// The service's znode is gone.
        case serviceVanished
        /// An instance is new.
        indirect case joined(Instance)
        /// An instance is gone.
        indirect case left(Instance, Departure)
        /// An instance's parameters or state changed; its identity is the same.
        indirect case changed(from: Instance, to: Instance)
        /// A registration could not be understood.
        case rejected(Rejection)
        /// A registration that could not be understood is gone.
        case rejectionEnded(Rejection)
    }

    /// Position in the sequence of all deltas of this process, from 1, without gaps.
    public let number: UInt64
    /// When the aggregator made it.
    public let at: UnixTime
    /// The service concerned.
    public let service: ServiceName
    /// What changed.
    public let change: Change

    /// Creates a delta.
    public init(number: UInt64, at: UnixTime, service: ServiceName, change: Change) {
        (self.number, self.at, self.service, self.change) = (number, at, service, change)
    }
}

/// A registration that is not understood: shown with its reason, and in nobody's way.
public struct Rejection: Equatable, Sendable {
    /// Absolute path of the znode.
    public let path: String
    /// The part of it, or of its data, that is at fault.
    public let offender: String
    /// What is wrong with it, a clause for people.
    public let reason: String
    /// When it was first seen.
    public let since: UnixTime

    /// Creates a rejection.
    public init(path: String, offender: String, reason: String, since: UnixTime) {
        (self.path, self.offender, self.reason, self.since) = (path, offender, reason, since)
    }
}
