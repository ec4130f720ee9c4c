/// An absolute domain name in wire form: length and label, again and again, then a zero byte.
///
/// Names are compared, hashed and found without regard to the case of A to Z (RFC 4343) but keep the
/// case in which they came. Labels hold any bytes. Invariant: 1 to 255 bytes, each label 1 to 63,
/// the last byte zero and no other label empty.
///
/// ```
/// 03 'w' 'w' 'w' 07 'e' 'x' 'a' 'm' 'p' 'l' 'e' 00      RFC 1035 section 3.1
/// ```
public struct DNSName: Sendable {
    /// The wire form, root byte included, in the case in which it came.
    public let wire: [UInt8]

    /// The root, a single zero byte.
    public static let root = DNSName(checked: [0])

    init(checked wire: [UInt8]) { self.wire = wire }

    /// Checks and takes over an uncompressed wire form.
    ///
    /// - Parameter wire: The whole name, root byte included and nothing after it.
    /// - Throws: `DNSError` with the offset of the first bad byte.
    public init(wire: some Collection<UInt8>) throws(DNSError) {
        let bytes = Array(wire)
        var position = 0
        while true {
            guard position < bytes.count else { throw DNSError(.truncated, at: position) }
            let length = Int(bytes[position])
            guard length <= Limits.labelBytesMax else {
                throw DNSError(.badLabelType, at: position)
            }
            position += 1 + length
            guard position <= Limits.nameBytesMax else {
                throw DNSError(.nameTooLong, at: position - 1 - length)
            }
            if length == 0 { break }
        }
        guard position == bytes.count else { throw DNSError(.tooLong, at: position) }
        self.wire = bytes
    }

    /// Joins labels, the leftmost first; no labels make the root.
    ///
    /// - Throws: `DNSError` for an empty or long label or a long name; the offset counts labels.
    public init(labels: [[UInt8]]) throws(DNSError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(labels.reduce(1) { $0 + 1 + $1.count })
        for (index, label) in labels.enumerated() {
            guard !label.isEmpty else { throw DNSError(.emptyLabel, at: index) }
            guard label.count <= Limits.labelBytesMax else {
                throw DNSError(.labelTooLong, at: index)
            }
            bytes.append(UInt8(label.count))
            bytes += label
            guard bytes.count < Limits.nameBytesMax else { throw DNSError(.nameTooLong, at: index) }
        }
        bytes.append(0)
        wire = bytes
    }

    /// The labels, the leftmost first, without the root.
    public var labels: [[UInt8]] {
        var labels: [[UInt8]] = []
        var position = 0
        while wire[position] != 0 {
            let end = position + 1 + Int(wire[position])
            labels.append(Array(wire[position + 1..<end]))
            position = end
        }
        return labels
    }

    /// Number of labels without the root, 0 to 127.
    public var labelCount: Int {
        var (count, position) = (0, 0)
        while wire[position] != 0 {
            position += 1 + Int(wire[position])
            count += 1
        }
        return count
    }

    /// True for the root.
    public var isRoot: Bool { wire.count == 1 }

    /// The name without its leftmost label; nil for the root.
    public var parent: DNSName? {
        isRoot ? nil : DNSName(checked: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// The name with A to Z in lower case.
    public var folded: DNSName { DNSName(checked: wire.map(Self.fold)) }

    /// True for `ancestor` itself and every name below it.
    public func isWithin(_ ancestor: DNSName) -> Bool {
        let start = wire.count - ancestor.wire.count
        guard start >= 0 else { return false }
        var position = 0
        while position < start { position += 1 + Int(wire[position]) }
        guard position == start else { return false }
        return zip(wire[start...], ancestor.wire).allSatisfy { Self.fold($0) == Self.fold($1) }
    }

    /// The name one label below this one.
    ///
    /// - Parameter label: 1 to 63 bytes, taken as they are.
    /// - Returns: The longer name.
    /// - Throws: `DNSError` for an empty or long label or a long name.
    public func prepending(_ label: some Collection<UInt8>) throws(DNSError) -> DNSName {
        guard !label.isEmpty else { throw DNSError(.emptyLabel) }
        guard label.count <= Limits.labelBytesMax else { throw DNSError(.labelTooLong) }
        guard wire.count + label.count + 1 <= Limits.nameBytesMax else {
            throw DNSError(.nameTooLong)
        }
        return DNSName(checked: [UInt8(label.count)] + label + wire)
    }

    /// The name one label of text below this one; nothing in the text is an escape.
    ///
    /// - Parameter label: 1 to 63 bytes of UTF-8.
    /// - Returns: The longer name.
    /// - Throws: `DNSError` for an empty or long label or a long name.
    public func prepending(_ label: String) throws(DNSError) -> DNSName {
        try prepending(Array(label.utf8))
    }

    /// This name's labels in front of `suffix`.
    ///
    /// - Parameter suffix: What follows the last label.
    /// - Returns: The longer name.
    /// - Throws: `DNSError` when the result has more than 255 bytes.
    public func appending(_ suffix: DNSName) throws(DNSError) -> DNSName {
        guard wire.count - 1 + suffix.wire.count <= Limits.nameBytesMax else {
            throw DNSError(.nameTooLong)
        }
        return DNSName(checked: wire.dropLast() + suffix.wire)
    }

    /// A byte with A to Z in lower case; length bytes (0 to 63) stay as they are.
    @inlinable
    public static func fold(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }
}

extension DNSName: Hashable {
    /// Equal labels, A to Z and a to z being the same.
    public static func == (left: DNSName, right: DNSName) -> Bool {
        left.wire.count == right.wire.count
            && zip(left.wire, right.wire).allSatisfy { fold($0) == fold($1) }
    }

    /// Feeds the folded bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in wire { hasher.combine(Self.fold(byte)) }
    }
}

extension DNSName: Comparable {
    /// Canonical order: by labels from the right, folded (RFC 4034 section 6.1).
    public static func < (left: DNSName, right: DNSName) -> Bool {
        for (first, second) in zip(left.labels.reversed(), right.labels.reversed()) {
            let (first, second) = (first.map(fold), second.map(fold))
            if first != second { return first.lexicographicallyPrecedes(second) }
        }
        return left.labelCount < right.labelCount
    }
}
