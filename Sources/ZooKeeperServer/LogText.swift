/// Text from outside, fit for a line of the log.
enum LogText {
    /// In quotes, without control characters, at most `Limits.loggedCharactersMax` long.
    static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(Limits.loggedCharactersMax)
        let isCut = scalars.endIndex < text.unicodeScalars.endIndex
        let shown = scalars.map { scalar in
            scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar == "'"
                ? "?" : Character(scalar)
        }
        return "'" + String(shown) + (isCut ? "...'" : "'")
    }
}
