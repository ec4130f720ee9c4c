public import ServiceModel

/// What the console has to know of the registry to say how far a view may be trusted.
public struct Outage: Sendable {
    /// The moment it is asked at.
    public var time: UnixTime
    /// How long the last known answers hold.
    public var maxStale: Duration
    /// Why the registry's changes do not arrive, a clause for people; nil when they do.
    public var reason: String?

    /// Creates the description; by default answers hold for a day.
    public init(
        at time: UnixTime,
        maxStale: Duration = .seconds(86_400),
        reason: String? = nil
    ) {
        (self.time, self.maxStale, self.reason) = (time, maxStale, reason)
    }

    /// True when the view is too old to answer from.
    func isExpired(_ view: MembershipView) -> Bool {
        view.age(at: time).map { $0 >= maxStale } ?? false
    }
}
