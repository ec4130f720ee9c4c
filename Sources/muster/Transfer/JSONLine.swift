/// Reads the one JSON object of a line (RFC 8259), as far as a znode's line can have values: texts, null,
/// whole numbers, and lists of texts.
///
/// Step of the data flow: between the bytes of a file and a `PortableZNode`. Written for this, since an
/// import reads millions of lines, some of them three times. Input from outside never traps.
struct JSONLine {
    /// What stands behind a key.
    enum Value: Equatable {
        case text(String)
        case null
        case number(Int64)
        case texts([String])
    }

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole line.
    ///
    /// - Parameter bytes: Without the line feed.
    /// - Returns: Keys and values, in order.
    /// - Throws: `LineFault` with the byte where it stops being such an object.
    static func read(_ bytes: [UInt8]) throws(LineFault) -> [(key: String, value: Value)] {
        var line = JSONLine(bytes)
        let entries = try line.object()
        line.skipSpace()
        guard line.index == bytes.count else { throw line.fault("something stands behind it") }
        return entries
    }

    private mutating func object() throws(LineFault) -> [(key: String, value: Value)] {
        var entries: [(key: String, value: Value)] = []
        guard next() == UInt8(ascii: "{") else { throw LineFault(reason: "it is no JSON object") }
        index += 1
        if next() == UInt8(ascii: "}") {
            index += 1
            return entries
        }
        while true {
            guard [UInt8(ascii: "\""), nil].contains(next()) else {
                throw fault("a key is missing")
            }
            let key = try text("key")
            guard !entries.contains(where: { $0.key == key }) else {
                throw fault("\"\(key)\" stands in it twice")
            }
            try expect(UInt8(ascii: ":"))
            entries.append((key, try value(of: key)))
            guard next() == UInt8(ascii: ",") else { break }
            index += 1
        }
        try expect(UInt8(ascii: "}"))
        return entries
    }

    private mutating func value(of key: String) throws(LineFault) -> Value {
        switch next() {
        case UInt8(ascii: "\"")?: return .text(try text(key))
        case UInt8(ascii: "[")?: return .texts(try texts(key))
        case UInt8(ascii: "n")?:
            guard bytes[index...].starts(with: "null".utf8) else { throw fault("no value") }
            index += 4
            return .null
        case UInt8(ascii: "-")?, (UInt8(ascii: "0")...UInt8(ascii: "9"))?:
            return .number(try number(key))
        case nil: throw fault("it was cut short")
        default: throw LineFault(reason: "its \"\(key)\" is of another type")
        }
    }

    private mutating func texts(_ key: String) throws(LineFault) -> [String] {
        var texts: [String] = []
        index += 1
        if next() == UInt8(ascii: "]") {
            index += 1
            return texts
        }
        while true {
            texts.append(try text(key))
            guard next() == UInt8(ascii: ",") else { break }
            index += 1
        }
        try expect(UInt8(ascii: "]"))
        return texts
    }

    private mutating func number(_ key: String) throws(LineFault) -> Int64 {
        let end = bytes[index...].firstIndex { byte in
            !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && byte != UInt8(ascii: "-")
        }
        let digits = String(decoding: bytes[index..<(end ?? bytes.count)], as: UTF8.self)
        guard let number = Int64(digits) else {
            throw LineFault(reason: "its \"\(key)\" is no whole number")
        }
        index = end ?? bytes.count
        return number
    }

    // MARK: Texts

    /// HOT: nearly all bytes of a file pass here; without an escape they are copied at once.
    private mutating func text(_ what: String) throws(LineFault) -> String {
        guard next() == UInt8(ascii: "\"") else {
            guard index < bytes.count else { throw fault("it was cut short") }
            throw LineFault(reason: "its \"\(what)\" is of another type")
        }
        index += 1
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                defer { index += 1 }
                return try checked(bytes[start..<index])
            case UInt8(ascii: "\\"): return try escapedText(from: start)
            case 0..<32: throw fault("a control character stands in a text")
            default: index += 1
            }
        }
        throw fault("it was cut short")
    }

    private func checked(_ bytes: some Collection<UInt8>) throws(LineFault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fault("a text is no UTF-8")
        }
        return text
    }

    private mutating func escapedText(from start: Int) throws(LineFault) -> String {
        var plain = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return try checked(plain)
            case UInt8(ascii: "\\"): try escape(into: &plain)
            case 0..<32: throw fault("a control character stands in a text")
            default: plain.append(byte)
            }
        }
        throw fault("it was cut short")
    }

    private mutating func escape(into plain: inout [UInt8]) throws(LineFault) {
        guard index < bytes.count else { throw fault("it was cut short") }
        let letter = bytes[index]
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(letter)
        case UInt8(ascii: "b"): plain.append(8)
        case UInt8(ascii: "f"): plain.append(12)
        case UInt8(ascii: "n"): plain.append(10)
        case UInt8(ascii: "r"): plain.append(13)
        case UInt8(ascii: "t"): plain.append(9)
        case UInt8(ascii: "u"): plain += String(try scalar()).utf8
        default: throw fault("no such escape")
        }
    }

    /// What stands behind `\u`: four digits, or eight with a second `\u` between them.
    private mutating func scalar() throws(LineFault) -> Unicode.Scalar {
        let first = try unit()
        guard (0xd800..<0xdc00).contains(first) else {
            guard let scalar = Unicode.Scalar(first) else { throw fault("half a character") }
            return scalar
        }
        guard bytes[index...].starts(with: "\\u".utf8) else { throw fault("half a character") }
        index += 2
        let second = try unit()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw fault("half a character") }
        return scalar
    }

    private mutating func unit() throws(LineFault) -> UInt32 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("\\u has four hexadecimal digits behind it") }
        index += 4
        return unit
    }

    // MARK: Bytes

    private mutating func skipSpace() {
        while index < bytes.count, [32, 9, 13].contains(bytes[index]) { index += 1 }
    }

    /// The next byte that is no space, not passed over.
    private mutating func next() -> UInt8? {
        skipSpace()
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func expect(_ byte: UInt8) throws(LineFault) {
        guard let found = next() else { throw fault("it was cut short") }
        guard found == byte else { throw fault("'\(Unicode.Scalar(byte))' is missing") }
        index += 1
    }

    private func fault(_ what: String) -> LineFault {
        LineFault(reason: "it is not JSON: \(what), at byte \(index + 1)")
    }
}
