/// An IPv4 or IPv6 address, compared by its bits and never by its spelling.
public enum IPAddress: Hashable, Sendable {
    /// Four bytes, first octet in the highest bits.
    case v4(UInt32)
    /// Sixteen bytes, the first eight in `high`.
    case v6(high: UInt64, low: UInt64)

    /// The bytes in network order, 4 or 16 of them.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let bits): (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * UInt32($0))) }
        case .v6(let high, let low):
            [high, low].flatMap { half in
                (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
            }
        }
    }

    /// Makes an address of 4 or 16 bytes in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self = .v6(high: high, low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// True for 0.0.0.0 and `::`, which name no host.
    public var isUnspecified: Bool { self == .v4(0) || self == .v6(high: 0, low: 0) }

    /// True for 127.0.0.0/8, `::1` and the IPv4-mapped form of the former.
    public var isLoopback: Bool {
        switch self {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let high, let low): high == 0 && (low == 1 || low >> 24 == 0xffff_7f)
        }
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by the bits.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let first), .v4(let second)): first < second
        case (.v4, .v6): true
        case (.v6, .v4): false
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
            (high, low) < (otherHigh, otherLow)
        }
    }
}
