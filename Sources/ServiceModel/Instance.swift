/// What makes two registrations the same instance, however often and from wherever they were made.
public struct InstanceID: Hashable, Comparable, Sendable {
    /// The service it serves.
    public var service: ServiceName
    /// Scheme of the provider's URL (`dubbo`, `tri`, ...); empty for a DDNS entry.
    public var scheme: String
    /// Where it listens.
    public var endpoint: Endpoint
    /// Dubbo group, empty for none.
    public var group: String
    /// Dubbo version, empty for none.
    public var version: String
    /// Dubbo routing tag (`dubbo.tag`), empty for none.
    public var tag: String

    /// Creates an identity; absent parts are empty.
    public init(
        service: ServiceName,
        scheme: String = "",
        endpoint: Endpoint,
        group: String = "",
        version: String = "",
        tag: String = ""
    ) {
        (self.service, self.scheme, self.endpoint) = (service, scheme, endpoint)
        (self.group, self.version, self.tag) = (group, version, tag)
    }

    /// By service, then endpoint, then the rest.
    public static func < (left: InstanceID, right: InstanceID) -> Bool {
        if left.service != right.service { return left.service < right.service }
        if left.endpoint != right.endpoint { return left.endpoint < right.endpoint }
        return (left.scheme, left.group, left.version, left.tag)
            < (right.scheme, right.group, right.version, right.tag)
    }
}

/// One provider of a service, as its registration describes it.
///
/// Step of the data flow: made from a znode by `Registrations`, kept in the `MembershipView`, turned
/// into records by the DNS server and into picks by the resolver.
public struct Instance: Equatable, Sendable {
    /// The znode that speaks for the instance.
    public struct Origin: Equatable, Sendable {
        /// Absolute path of the znode.
        public var path: String
        /// zxid that created it; of two znodes for one instance the larger speaks.
        public var czxid: Int64
        /// zxid that last set its data.
        public var mzxid: Int64
        /// Session that owns it, 0 for a persistent znode.
        public var session: Int64

        /// Creates the description; a znode not read yet has zeros.
        public init(path: String, czxid: Int64 = 0, mzxid: Int64 = 0, session: Int64 = 0) {
            (self.path, self.czxid, self.mzxid, self.session) = (path, czxid, mzxid, session)
        }
    }

    /// What it is.
    public var id: InstanceID
    /// Dubbo's `ipv6` parameter: a second address on the same port.
    public var alternateAddress: IPAddress?
    /// Share of the calls, 100 by default, 0 for none; not negative.
    public var weight: Int
    /// Application that registered it, empty when unknown.
    public var application: String
    /// When it started, by its own account; decides the warm-up.
    public var startedAt: UnixTime?
    /// How long its weight grows after the start.
    public var warmup: Duration
    /// Whether it serves, since when, and why.
    public var state: State
    /// The registration's remaining parameters, by name.
    public var parameters: Parameters
    /// Where it is registered.
    public var origin: Origin

    /// Creates an instance with Dubbo's defaults.
    public init(
        id: InstanceID,
        alternateAddress: IPAddress? = nil,
        weight: Int = 100,
        application: String = "",
        startedAt: UnixTime? = nil,
        warmup: Duration = .seconds(600),
        state: State,
        parameters: Parameters = [:],
        origin: Origin
    ) {
        (self.id, self.alternateAddress, self.weight) = (id, alternateAddress, weight)
        (self.application, self.startedAt, self.warmup) = (application, startedAt, warmup)
        (self.state, self.parameters, self.origin) = (state, parameters, origin)
    }
}
