/// A line of the shell as words, split exactly as zkCli.sh 3.8 does.
///
/// A word is a run of characters up to a blank, or everything between two quotes of one kind at its
/// start; the quotes go. A quote that is never closed is dropped, and what follows it is split as usual.
/// Deviation: a line of blanks has no words, where zkCli takes the last blank for a command.
enum ShellWords {
    /// Splits a line.
    ///
    /// - Complexity: O(length) for every line without blanks in front of an unclosed quote.
    static func split(_ line: String) -> [String] {
        let characters = Array(line.unicodeScalars)
        guard !characters.allSatisfy(isBlank) else { return [] }
        var words: [String] = []
        var position = 0
        while position < characters.count {
            guard let (word, next) = word(in: characters, from: position) else {
                position += 1
                continue
            }
            words.append(word)
            position = next
        }
        return words
    }

    /// The word behind the blanks at a position, and where the next one may start.
    private static func word(
        in characters: [Unicode.Scalar],
        from position: Int
    ) -> (String, Int)? {
        let start = end(of: isBlank, in: characters, from: position)
        if start < characters.count, let found = token(in: characters, at: start) { return found }
        // Before an unclosed quote the last blank begins a word that has the quote in it.
        guard start > position else { return nil }
        return token(in: characters, at: start - 1)
    }

    private static func token(
        in characters: [Unicode.Scalar],
        at start: Int
    ) -> (String, Int)? {
        let first = characters[start]
        if first == "\"" || first == "'" {
            guard let close = characters[(start + 1)...].firstIndex(of: first) else { return nil }
            return (
                text(characters[(start + 1)..<close]),
                end(of: isBlank, in: characters, from: close + 1)
            )
        }
        let stop = end(of: { !isBlank($0) }, in: characters, from: start + 1)
        return (text(characters[start..<stop]), end(of: isBlank, in: characters, from: stop))
    }

    private static func end(
        of isIncluded: (Unicode.Scalar) -> Bool,
        in characters: [Unicode.Scalar],
        from start: Int
    ) -> Int {
        characters[start...].firstIndex { !isIncluded($0) } ?? characters.count
    }

    private static func text(_ characters: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: characters)
        return text
    }

    /// Blanks as Java's regular expressions have them: space and U+0009 to U+000D.
    private static func isBlank(_ character: Unicode.Scalar) -> Bool {
        character == " " || (9...13).contains(character.value)
    }
}
