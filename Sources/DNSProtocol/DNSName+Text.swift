extension DNSName {
    /// Reads master-file text (RFC 1035 section 5.1); the final dot may be missing.
    ///
    /// `\.` is a dot inside a label, `\DDD` any byte. Other characters stand for their UTF-8 bytes.
    ///
    /// - Parameter text: The name; `.` is the root, the empty text is refused.
    /// - Throws: `DNSError` with the offset of the bad byte of the text.
    public init(_ text: some StringProtocol) throws(DNSError) {
        let bytes = Array(text.utf8)
        guard bytes != [UInt8(ascii: ".")] else {
            self = .root
            return
        }
        var labels: [[UInt8]] = [[]]
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "."):
                guard labels.last != [] else { throw DNSError(.emptyLabel, at: index) }
                labels.append([])
                index += 1
            case UInt8(ascii: "\\"):
                labels[labels.count - 1].append(try Self.unescape(bytes, &index))
            default:
                labels[labels.count - 1].append(bytes[index])
                index += 1
            }
            guard labels[labels.count - 1].count <= Limits.labelBytesMax else {
                throw DNSError(.labelTooLong, at: index - 1)
            }
            guard labels.count <= Limits.labelsMax + 1 else {
                throw DNSError(.nameTooLong, at: index - 1)
            }
        }
        if labels.count > 1, labels.last == [] { labels.removeLast() }
        try self.init(labels: labels)
    }

    /// The byte that the escape at `index` stands for.
    private static func unescape(_ bytes: [UInt8], _ index: inout Int) throws(DNSError) -> UInt8 {
        guard index + 1 < bytes.count else { throw DNSError(.badEscape, at: index) }
        guard (48...57).contains(bytes[index + 1]) else {
            index += 2
            return bytes[index - 1]
        }
        let digits = bytes[(index + 1)...].prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (48...57).contains($0) }),
            let value = UInt8(exactly: digits.reduce(0) { $0 * 10 + Int($1) - 48 })
        else { throw DNSError(.badEscape, at: index) }
        index += 4
        return value
    }
}

extension DNSName: CustomStringConvertible {
    /// Master-file text with the final dot, special bytes escaped; reads back to the same name.
    public var description: String {
        guard !isRoot else { return "." }
        var text: [UInt8] = []
        for label in labels {
            for byte in label { Self.escape(byte, into: &text) }
            text.append(UInt8(ascii: "."))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func escape(_ byte: UInt8, into text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: ";"),
            UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "("), UInt8(ascii: ")"):
            text += [UInt8(ascii: "\\"), byte]
        case 33...126: text.append(byte)
        default:
            text += [UInt8(ascii: "\\"), 48 + byte / 100, 48 + byte / 10 % 10, 48 + byte % 10]
        }
    }
}
