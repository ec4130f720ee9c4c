/// A text in the syntax of Java's property files (`java.util.Properties.load`), as a list with lines.
///
/// Pure. Bytes are Latin-1 letters; others are written `\uXXXX`. Lines that end in an odd number of
/// backslashes go on in the next one; a comment never does. Key and value are separated by `=`, `:` or blanks.
public struct JavaProperties: Sendable {
    /// One key with its value, both without blanks around them, as ZooKeeper trims them.
    public struct Entry: Equatable, Sendable {
        /// Where the entry begins, from 1.
        public let line: Int
        /// What stands before the separator, its escapes undone.
        public let key: String
        /// What stands behind the separator, its escapes undone.
        public let value: String
    }
    /// An escape that Java refuses.
    public struct Fault: Error, Equatable, Sendable {
        /// Where the entry begins, from 1.
        public let line: Int
        /// What is wrong, a clause for people.
        public let message: String
    }

    /// All entries in the order of the file; Java lets the last one of a key win.
    public private(set) var entries: [Entry] = []

    /// Reads a whole file.
    ///
    /// - Parameter bytes: Its bytes.
    /// - Throws: `Fault` with the line for a `\u` without four hexadecimal digits.
    public init(_ bytes: [UInt8]) throws(Fault) {
        var lines = Lines(bytes)
        while let (number, text) = lines.nextLogical() {
            entries.append(try Self.entry(text, line: number))
        }
    }

    private static func entry(_ text: [UInt8], line: Int) throws(Fault) -> Entry {
        var end = 0
        while end < text.count, !isBlank(text[end]), !isSeparator(text[end]) {
            end += text[end] == backslash ? 2 : 1
        }
        end = min(end, text.count)
        var start = end
        while start < text.count, isBlank(text[start]) { start += 1 }
        if start < text.count, isSeparator(text[start]) {
            start += 1
            while start < text.count, isBlank(text[start]) { start += 1 }
        }
        return Entry(
            line: line,
            key: try unescaped(text[..<end], line),
            value: try unescaped(text[start...], line)
        )
    }

    private static func unescaped(_ text: ArraySlice<UInt8>, _ line: Int) throws(Fault) -> String {
        var (units, rest) = ([UInt16](), text)
        while let byte = rest.popFirst() {
            guard byte == backslash else {
                units.append(UInt16(byte))
                continue
            }
            switch rest.popFirst() {
            case nil: break
            case UInt8(ascii: "t"): units.append(9)
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF8.self)
                guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
                    let unit = UInt16(digits, radix: 16)
                else { throw Fault(line: line, message: "\\u needs four hexadecimal digits") }
                rest = rest.dropFirst(4)
                units.append(unit)
            case let other?: units.append(UInt16(other))
            }
        }
        let isKept = { (unit: UInt16) in unit > 0x20 }
        let first = units.firstIndex(where: isKept) ?? units.endIndex
        let last = units.lastIndex(where: isKept).map { $0 + 1 } ?? first
        return String(decoding: units[first..<last], as: UTF16.self)
    }

    fileprivate static let backslash = UInt8(ascii: "\\")

    fileprivate static func isBlank(_ byte: UInt8) -> Bool { [9, 12, 32].contains(byte) }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":")
    }
}

/// Cuts bytes into natural lines, and joins those that go on.
private struct Lines {
    private let bytes: [UInt8]
    private var offset = 0
    private var number = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next line that is neither blank nor a comment, with all that it goes on in.
    mutating func nextLogical() -> (number: Int, text: [UInt8])? {
        while var text = nextNatural() {
            let first = number
            guard let start = text.first, start != UInt8(ascii: "#"), start != UInt8(ascii: "!")
            else { continue }
            while Self.goesOn(text) {
                text.removeLast()
                guard let more = nextNatural() else { break }
                text += more
            }
            return (first, Array(text))
        }
        return nil
    }

    /// The next line without the blanks that it begins with; ended by LF, CR or both.
    private mutating func nextNatural() -> ArraySlice<UInt8>? {
        guard offset < bytes.count else { return nil }
        let end = bytes[offset...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
        let line = bytes[offset..<end].drop(while: JavaProperties.isBlank)
        let isPair = end + 1 < bytes.count && bytes[end] == 13 && bytes[end + 1] == 10
        offset = end + (isPair ? 2 : 1)
        number += 1
        return line
    }

    private static func goesOn(_ line: ArraySlice<UInt8>) -> Bool {
        let backslashes = line.reversed().prefix { $0 == JavaProperties.backslash }
        return backslashes.count % 2 == 1
    }
}
