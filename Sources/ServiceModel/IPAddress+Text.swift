extension IPAddress {
    /// Reads `10.0.0.1`, `2001:db8::1`, `[2001:db8::1]` or `fe80::1%eth0` (the zone is dropped).
    ///
    /// Nil for anything else, host names included.
    ///
    /// - Parameter text: Strict dotted quad without leading zeros, or RFC 4291 section 2.2 text.
    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        if rest.utf8.first == UInt8(ascii: "["), rest.utf8.last == UInt8(ascii: "]") {
            rest = rest.dropFirst().dropLast()
        }
        if !rest.utf8.contains(UInt8(ascii: ":")) {
            guard let bits = Self.dottedQuad(rest) else { return nil }
            self = .v4(bits)
            return
        }
        if let percent = rest.firstIndex(of: "%") { rest = rest[..<percent] }
        guard let groups = Self.groups(rest) else { return nil }
        let high = groups.prefix(4).reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        self = .v6(high: high, low: groups.dropFirst(4).reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static func dottedQuad(_ text: Substring) -> UInt32? {
        var (bits, octet, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "."):
                guard digits > 0, dots < 3 else { return nil }
                (bits, octet, digits, dots) = (bits << 8 | octet, 0, 0, dots + 1)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits == 0 || octet > 0 else { return nil }
                (octet, digits) = (octet * 10 + UInt32(byte - UInt8(ascii: "0")), digits + 1)
                guard octet <= 255 else { return nil }
            default: return nil
            }
        }
        return digits > 0 && dots == 3 ? bits << 8 | octet : nil
    }

    /// The eight 16-bit groups, `::` filled in.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard let gap = text.firstRange(of: "::") else {
            let groups = run(text)
            return groups?.count == 8 ? groups : nil
        }
        guard let before = run(text[..<gap.lowerBound]), let after = run(text[gap.upperBound...]),
            before.count + after.count <= 7
        else { return nil }
        return before + Array(repeating: 0, count: 8 - before.count - after.count) + after
    }

    /// Groups between colons; the last one may be a dotted quad, which makes two.
    private static func run(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let bits = dottedQuad(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(bits & 0xffff)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }
}

extension IPAddress: CustomStringConvertible {
    /// Canonical text: dotted quad, or RFC 5952 without brackets.
    public var description: String {
        switch self {
        case .v4: bytes.map(String.init).joined(separator: ".")
        case .v6(let high, let low): Self.compressed(high, low)
        }
    }

    private static func compressed(_ high: UInt64, _ low: UInt64) -> String {
        let groups = [high, low].flatMap { half in
            (0..<4).map { UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64($0))) }
        }
        if high == 0, low >> 32 == 0xffff {
            return "::ffff:" + IPAddress.v4(UInt32(truncatingIfNeeded: low)).description
        }
        let gap = longestZeroRun(groups)
        let hex = groups.map { String($0, radix: 16) }
        guard gap.count >= 2 else { return hex.joined(separator: ":") }
        return hex[..<gap.lowerBound].joined(separator: ":") + "::"
            + hex[gap.upperBound...].joined(separator: ":")
    }

    /// The first of the longest runs of zero groups (RFC 5952 section 4.2.3).
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 { continue }
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }
}
