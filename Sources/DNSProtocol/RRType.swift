/// The type of a record or of a question (RFC 1035 section 3.2.2 and IANA's registry).
public struct RRType: RawRepresentable, Hashable, Sendable {
    /// The 16-bit code.
    public let rawValue: UInt16
    /// The type of that code; every code is one.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IPv4 address.
    public static let a = RRType(rawValue: 1)
    /// Name server of a zone.
    public static let ns = RRType(rawValue: 2)
    /// Canonical name of an alias.
    public static let cname = RRType(rawValue: 5)
    /// Start of a zone of authority.
    public static let soa = RRType(rawValue: 6)
    /// Pointer to another name.
    public static let ptr = RRType(rawValue: 12)
    /// Host information; the answer to ANY where nothing suits (RFC 8482).
    public static let hinfo = RRType(rawValue: 13)
    /// Mail exchange.
    public static let mx = RRType(rawValue: 15)
    /// Text strings.
    public static let txt = RRType(rawValue: 16)
    /// IPv6 address.
    public static let aaaa = RRType(rawValue: 28)
    /// Location of a service (RFC 2782).
    public static let srv = RRType(rawValue: 33)
    /// EDNS pseudo-record (RFC 6891).
    public static let opt = RRType(rawValue: 41)
    /// Certification authority authorisation.
    public static let caa = RRType(rawValue: 257)
    /// Incremental transfer (RFC 1995).
    public static let ixfr = RRType(rawValue: 251)
    /// Whole transfer (RFC 5936).
    public static let axfr = RRType(rawValue: 252)
    /// All types; only in questions.
    public static let any = RRType(rawValue: 255)

    private static let names: [(RRType, String)] = [
        (.a, "A"), (.ns, "NS"), (.cname, "CNAME"), (.soa, "SOA"), (.ptr, "PTR"),
        (.hinfo, "HINFO"), (.mx, "MX"), (.txt, "TXT"), (.aaaa, "AAAA"), (.srv, "SRV"),
        (.opt, "OPT"), (.caa, "CAA"), (.ixfr, "IXFR"), (.axfr, "AXFR"), (.any, "ANY"),
    ]

    /// Reads a mnemonic in any case, or `TYPE` and a number (RFC 3597 section 5).
    public init?(_ text: String) {
        let upper = text.uppercased()
        if let known = Self.names.first(where: { $0.1 == upper }) {
            self = known.0
            return
        }
        guard upper.hasPrefix("TYPE"), let code = UInt16(upper.dropFirst(4)) else { return nil }
        rawValue = code
    }
}

extension RRType: CustomStringConvertible {
    /// The mnemonic, or `TYPE` and the number.
    public var description: String {
        Self.names.first { $0.0 == self }?.1 ?? "TYPE\(rawValue)"
    }
}
