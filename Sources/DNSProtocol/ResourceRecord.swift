/// One resource record, its rdata uncompressed (RFC 1035 section 4.1.3).
public struct ResourceRecord: Hashable, Sendable {
    /// The owner.
    public var name: DNSName
    /// The type.
    public var type: RRType
    /// The class.
    public var rrClass: RRClass
    /// Seconds for which it may be cached.
    public var ttl: UInt32
    /// The bytes of the record, at most 65,535, names in them uncompressed.
    public var rdata: [UInt8]

    /// Creates a record; nothing is checked here.
    public init(
        _ name: DNSName,
        _ type: RRType,
        rrClass: RRClass = .internet,
        ttl: UInt32,
        rdata: [UInt8]
    ) {
        (self.name, self.type, self.rrClass) = (name, type, rrClass)
        (self.ttl, self.rdata) = (ttl, rdata)
    }
}
