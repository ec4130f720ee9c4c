public import ServiceModel

/// One change of membership as people and programs are told of it: who, what, when and why.
///
/// Step of the data flow: made from a `ViewDelta`; goes into the log, the history, to subscribers and
/// webhooks. A value; its JSON form is in `MembershipEvent+JSON.swift`.
public struct MembershipEvent: Equatable, Sendable {
    /// What happened, by the name that JSON has.
    public enum Kind: String, CaseIterable, Sendable {
        /// An instance is new.
        case join
        /// An instance is gone.
        case leave
        /// An instance's parameters or state changed.
        case change
        /// A service is known now.
        case appear
        /// A service is gone.
        case vanish
        /// A registration could not be understood.
        case reject
        /// A registration that could not be understood is gone.
        case rejectEnd = "reject-end"
    }

    /// Number of the delta, ascending within a run of the daemon.
    public let number: UInt64
    /// When the aggregator saw it.
    public let at: UnixTime
    /// The service concerned.
    public let service: ServiceName
    /// What happened.
    public let kind: Kind
    /// The instance as it is now, or as it was when it left; nil for services and rejections.
    public let instance: Instance?
    /// The registration that is not understood; nil for all else.
    public let rejection: Rejection?
    /// Why the instance left; nil for all but `leave`.
    public let departure: Departure?
    /// A clause for people: what changed, or what it means.
    public let why: String

    /// Makes the event that tells of a delta.
    public init(_ delta: ViewDelta) {
        (number, at, service) = (delta.number, delta.at, delta.service)
        switch delta.change {
        case .serviceAppeared: (kind, why) = (.appear, "service registered")
        case .serviceVanished: (kind, why) = (.vanish, "service removed")
        case .joined(let instance): (kind, why) = (.join, instance.state.why)
        case .left(_, let departure): (kind, why) = (.leave, Self.clause(departure))
        case .changed(let old, let new):
            (kind, why) = (.change, InstanceDifference(from: old, to: new).description)
        case .rejected(let rejection): (kind, why) = (.reject, rejection.reason)
        case .rejectionEnded: (kind, why) = (.rejectEnd, "registration removed or mended")
        }
        switch delta.change {
        case .joined(let instance), .changed(from: _, to: let instance):
            (self.instance, rejection, departure) = (instance, nil, nil)
        case .left(let instance, let departure):
            (self.instance, rejection, self.departure) = (instance, nil, departure)
        case .rejected(let rejection), .rejectionEnded(let rejection):
            (instance, self.rejection, departure) = (nil, rejection, nil)
        case .serviceAppeared, .serviceVanished: (instance, rejection, departure) = (nil, nil, nil)
        }
    }

    private static func clause(_ departure: Departure) -> String {
        switch departure {
        case .closed: "its session was closed"
        case .expired: "its session expired"
        case .deleted: "its znode was deleted"
        case .replaced: "its znode describes another instance"
        case .unknown: "the registry does not say why"
        }
    }

    /// One line for the log, without its end: `leave com.Foo 10.0.0.1:20880 expired: ...`.
    public var line: String {
        var line = "\(kind.rawValue) \(service)"
        if let instance { line += " \(Self.name(instance.id))" }
        if let rejection { line += " \(rejection.path) (\(rejection.offender))" }
        if let departure { line += " \(departure.rawValue)" }
        return line + ": " + why
    }

    private static func name(_ id: InstanceID) -> String {
        let parts =
            [("", id.scheme), ("group ", id.group), ("version ", id.version)]
            + [("tag ", id.tag)]
        let said = parts.filter { !$0.1.isEmpty }.map { $0.0 + $0.1 }
        return said.isEmpty
            ? "\(id.endpoint)" : "\(id.endpoint) (\(said.joined(separator: ", ")))"
    }
}
