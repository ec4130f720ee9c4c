public import DNSProtocol

/// Which zones there are besides those of files, and how long their answers hold.
public struct ZoneConfiguration: Equatable, Sendable {
    /// A zone whose names come from the registry.
    public struct Zone: Equatable, Sendable {
        /// The zone's name.
        public var origin: DNSName
        /// TTL of its records in seconds.
        public var ttl: UInt32
        /// Seconds for which absence may be cached.
        public var negativeTTL: UInt32

        /// Creates a zone with the usual times: answers hold 5 s, absence 1 s.
        public init(_ origin: DNSName, ttl: UInt32 = 5, negativeTTL: UInt32 = 1) {
            (self.origin, self.ttl, self.negativeTTL) = (origin, ttl, negativeTTL)
        }
    }

    /// Zones that list the registry's services; SRV targets of domains are in the first one.
    public var origins: [Zone]
    /// Zones in which registered domains may have names.
    public var domainZones: [Zone]
    /// Whether a domain that no zone covers is served as a zone of its own.
    ///
    /// Only where none but this machine can ask: anybody who can write into the registry could
    /// otherwise answer for any name.
    public var allowsImplicitZones: Bool
    /// Most seconds of a TTL while the registry is out of reach.
    public var staleTTL: UInt32
    /// How long what was last known is answered while the registry is out of reach.
    public var maxStale: Duration

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - origins: Zones of services, `dns.origins`.
    ///   - domainZones: Zones of domains, `dns.ddnsZones`.
    ///   - allowsImplicitZones: True when DNS listens on loopback only.
    ///   - staleTTL: In seconds.
    ///   - maxStale: One day by default.
    public init(
        origins: [Zone],
        domainZones: [Zone] = [],
        allowsImplicitZones: Bool = false,
        staleTTL: UInt32 = 5,
        maxStale: Duration = .seconds(86_400)
    ) {
        (self.origins, self.domainZones) = (origins, domainZones)
        self.allowsImplicitZones = allowsImplicitZones
        (self.staleTTL, self.maxStale) = (staleTTL, maxStale)
    }
}
