public import DNSProtocol

/// What holds for a whole zone and stands in none of its records: SOA, name servers, trust.
public struct ZoneHead: Equatable, Sendable {
    /// How far the zone's registered names may be trusted; names from zone files always are.
    public enum Mode: UInt8, Sendable {
        /// Nothing was read yet: SERVFAIL with "not ready".
        case notReady
        /// All changes arrive.
        case live
        /// The registry is out of reach: TTLs are capped, answers marked as stale.
        case stale
        /// Out of reach for too long: SERVFAIL with "no reachable authority".
        case expired
    }

    /// The zone's name.
    public var origin: DNSName
    /// The SOA record; `minimum` bounds the TTL of negative answers.
    public var soa: SOA
    /// TTL of the SOA record in seconds.
    public var soaTTL: UInt32
    /// The hosts of the zone's NS records.
    public var nameServers: [DNSName]
    /// TTL of the NS records in seconds.
    public var nameServerTTL: UInt32
    /// How far its registered names may be trusted.
    public var mode: Mode
    /// Most seconds of any TTL while stale.
    public var staleTTL: UInt32

    /// Creates a head.
    public init(
        origin: DNSName,
        soa: SOA,
        soaTTL: UInt32,
        nameServers: [DNSName],
        nameServerTTL: UInt32,
        mode: Mode,
        staleTTL: UInt32 = 5
    ) {
        (self.origin, self.soa, self.soaTTL) = (origin, soa, soaTTL)
        (self.nameServers, self.nameServerTTL) = (nameServers, nameServerTTL)
        (self.mode, self.staleTTL) = (mode, staleTTL)
    }
}

/// Where a record comes from.
public enum RecordSource: Sendable {
    /// The registry; its outage makes the record stale.
    case registry
    /// A zone file; the record holds whatever the registry does.
    case file
}
