import ServiceModel

/// The answer to a four-letter word, written slice by slice.
///
/// Owner: the connection that asked, through `ServerEngine`.
struct WordAnswer {
    private var parts: [any WordPart]
    private var current = 0

    init(_ parts: [any WordPart]) { self.parts = parts }

    /// An answer of one piece.
    init(_ text: String) { parts = [TextPart(text)] }

    /// True when nothing is left to write.
    var isOver: Bool { current == parts.count }

    /// The next lines, about `linesMax` of them.
    mutating func next(_ linesMax: Int, from engine: borrowing ServerEngine) -> [UInt8] {
        var slice = WordSlice(linesLeft: linesMax)
        while current < parts.count, slice.linesLeft > 0 {
            guard parts[current].write(to: &slice, from: engine) else { break }
            current += 1
        }
        return Array(slice.text.utf8)
    }
}

/// What one turn writes of an answer.
struct WordSlice {
    private(set) var text = ""
    /// May go below 0 by what cannot be divided.
    private(set) var linesLeft: Int

    init(linesLeft: Int) { self.linesLeft = linesLeft }

    /// Writes a line, or text that costs as much as the lines of its length.
    mutating func add(_ text: String) {
        self.text += text
        linesLeft -= 1 + text.utf8.count / Limits.bytesPerWorkUnit
    }

    /// Counts work that wrote nothing.
    mutating func looked() { linesLeft -= 1 }
}

/// One stretch of an answer.
protocol WordPart {
    /// Writes until the slice is full.
    ///
    /// - Returns: True when nothing is left.
    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool
}

/// Text that is ready.
struct TextPart: WordPart {
    private let text: String

    init(_ text: String) { self.text = text }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        slice.add(text)
        return true
    }
}

/// What `stat` ends with, as of when its connections are listed.
struct SummaryPart: WordPart {
    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        slice.add("\n" + engine.summary)
        return true
    }
}

/// A list that is gone through over many turns.
struct Walk<Element> {
    private let elements: [Element]
    private var next = 0

    init(_ elements: [Element]) { self.elements = elements }

    /// The next element, unless the slice is full or nothing is left.
    mutating func next(in slice: WordSlice) -> Element? {
        guard slice.linesLeft > 0, next < elements.count else { return nil }
        defer { next += 1 }
        return elements[next]
    }

    var isOver: Bool { next == elements.count }
}
