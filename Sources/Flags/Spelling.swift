/// What a mistyped word was meant to be.
public enum Spelling {
    /// The word among those known that is nearest to the one typed.
    ///
    /// - Parameters:
    ///   - word: As typed.
    ///   - words: The known ones.
    ///   - limit: Bytes that may differ, from 0.
    /// - Returns: Nil when none is that near.
    public static func nearest(
        to word: String,
        among words: some Sequence<String>,
        within limit: Int
    ) -> String? {
        var best: (word: String, distance: Int)?
        for other in words where abs(other.utf8.count - word.utf8.count) <= limit {
            let distance = distance(Array(word.utf8), Array(other.utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (other, distance) }
        }
        return best?.word
    }

    /// Edits (insert, delete, replace) between two words.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
