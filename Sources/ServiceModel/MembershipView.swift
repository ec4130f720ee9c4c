/// Who serves what, as of one moment: an immutable value, shared without copying.
///
/// Step of the data flow: made by the aggregator, read by answers, resolver, alerts and console.
/// Invariants: an instance stands under its own service; of two registrations of one instance only
/// the newest znode's is here. Owner: the aggregator; everybody else has a snapshot.
/// One change costs O(log n) of both the services and the instances of one service, and shares the rest.
public struct MembershipView: Sendable {
    /// How far the view may be trusted.
    public enum Freshness: Equatable, Sendable {
        /// Nothing was read yet: nothing is known, not even absence.
        case notReady
        /// The registry's changes arrive.
        case live
        /// The registry is out of reach since then; this is what was last known.
        case stale(since: UnixTime)
    }

    /// One service.
    public struct Service: Sendable {
        /// Its instances, whatever their state.
        public var instances = PersistentMap<InstanceID, Instance>()
        /// Registrations under it that are not understood, by path.
        public var rejections = PersistentMap<String, Rejection>()
        /// When it became known.
        public var since: UnixTime

        /// A service without instances.
        public init(since: UnixTime) { self.since = since }
    }

    /// How far the view may be trusted.
    public var freshness: Freshness
    /// All known services, also those without instances.
    public var services: PersistentMap<ServiceName, Service>
    /// Number of the last delta that is part of the view; 0 before the first.
    public var deltaNumber: UInt64
    /// Instances in all services.
    public var instanceCount: Int
    /// zxid of the last change that was read.
    public var zxid: Int64

    /// A view in which nothing is known.
    public init() {
        (freshness, services) = (.notReady, PersistentMap())
        (deltaNumber, instanceCount, zxid) = (0, 0, 0)
    }

    /// How old what is known is.
    ///
    /// - Parameter time: Now; one before the view went stale counts as the moment it did.
    /// - Returns: Nil while all changes arrive, and where nothing is known.
    public func age(at time: UnixTime) -> Duration? {
        guard case .stale(let since) = freshness else { return nil }
        return .milliseconds(max(0, time.milliseconds - since.milliseconds))
    }

    /// Carries out one delta.
    ///
    /// - Complexity: O(log n) in services and in the service's instances.
    public mutating func apply(_ delta: ViewDelta) {
        deltaNumber = delta.number
        var service = services[delta.service] ?? Service(since: delta.at)
        instanceCount -= service.instances.count
        switch delta.change {
        case .serviceVanished:
            services[delta.service] = nil
            return
        case .serviceAppeared: break
        case .joined(let instance): service.instances[instance.id] = instance
        case .left(let instance, _): service.instances[instance.id] = nil
        case .changed(let old, let new):
            if old.id != new.id { service.instances[old.id] = nil }
            service.instances[new.id] = new
        case .rejected(let rejection): service.rejections[rejection.path] = rejection
        case .rejectionEnded(let rejection): service.rejections[rejection.path] = nil
        }
        instanceCount += service.instances.count
        services[delta.service] = service
    }
}
