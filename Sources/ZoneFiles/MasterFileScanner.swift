/// Cuts the text of a master file into entries, each a record or a directive on one line.
///
/// Step of the data flow: the first one after the file is read. libldns reads records and would read
/// whole files, but it counts the blank lines after a record as part of it, takes a relative `$ORIGIN` for
/// an absolute one, and reads `$TTL abc` as 0; so lines and directives are ours (RFC 1035 section 5.1) and
/// records its own. Invariant: `position <= bytes.count`, and each call moves it or ends.
struct MasterFileScanner {
    /// One record or directive, comments gone, parentheses and the line ends inside them made blanks.
    struct Entry: Equatable {
        /// Line on which it starts, from 1.
        var line: Int
        /// Never empty; starts with a blank when it has no owner of its own.
        var text: [UInt8]
    }

    /// What is wrong with an entry's form.
    struct Fault: Error, Equatable {
        var line: Int
        var message: String
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next entry that has more than blanks and comments, nil at the end.
    ///
    /// - Throws: `Fault` with the line on which the faulty entry starts.
    /// - Complexity: O(n) in the entry's bytes.
    mutating func next() throws(Fault) -> Entry? {
        while position < bytes.count {
            let entry = try readEntry()
            if entry.text.contains(where: { !isBlank($0) }) { return entry }
        }
        return nil
    }

    private mutating func readEntry() throws(Fault) -> Entry {
        var entry = Entry(line: line, text: [])
        var depth = 0
        while position < bytes.count {
            let byte = try take()
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                if depth == 0 { return entry }
                entry.text.append(UInt8(ascii: " "))
            case UInt8(ascii: ";"): skipComment()
            case UInt8(ascii: "("):
                depth += 1
                entry.text.append(UInt8(ascii: " "))
            case UInt8(ascii: ")"):
                depth -= 1
                guard depth >= 0 else { throw Fault(line: entry.line, message: "`)` without `(`") }
                entry.text.append(UInt8(ascii: " "))
            case UInt8(ascii: "\""): try readQuoted(into: &entry)
            case UInt8(ascii: "\\"):
                entry.text.append(byte)
                if !isAtLineEnd { entry.text.append(try take()) }
            case UInt8(ascii: "\r"): entry.text.append(UInt8(ascii: " "))
            default: entry.text.append(byte)
            }
            guard entry.text.count <= Limits.recordTextBytesMax else {
                let bound = Limits.recordTextBytesMax
                throw Fault(line: entry.line, message: "a record of more than \(bound) characters")
            }
        }
        guard depth == 0 else { throw Fault(line: entry.line, message: "`(` is never closed") }
        return entry
    }

    /// True where the entry cannot go on without parentheses.
    private var isAtLineEnd: Bool {
        position >= bytes.count || bytes[position] == UInt8(ascii: "\n")
    }

    private mutating func take() throws(Fault) -> UInt8 {
        defer { position += 1 }
        guard bytes[position] != 0 else {
            throw Fault(line: line, message: "a zero byte: this is not a text file")
        }
        return bytes[position]
    }

    private mutating func skipComment() { while !isAtLineEnd { position += 1 } }

    /// Copies up to the closing quote; the opening one was read.
    private mutating func readQuoted(into entry: inout Entry) throws(Fault) {
        entry.text.append(UInt8(ascii: "\""))
        while !isAtLineEnd {
            let byte = try take()
            entry.text.append(byte)
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\"), !isAtLineEnd { entry.text.append(try take()) }
        }
        throw Fault(line: line, message: "a quote is not closed on its line")
    }
}

/// True for the bytes that separate the fields of an entry.
func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
