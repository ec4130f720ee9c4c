/// What a terminal may be sent of text from outside.
enum Terminal {
    /// The text with control characters made visible, line feeds and tabs kept.
    static func printable(_ text: String) -> String {
        guard text.utf8.contains(where: { ($0 < 32 && $0 != 10 && $0 != 9) || $0 == 127 }) else {
            return text
        }
        return text.unicodeScalars.map { scalar in
            let isControl = scalar.value < 32 && scalar != "\n" && scalar != "\t"
            guard isControl || scalar.value == 127 else { return String(scalar) }
            return "\\u{\(String(scalar.value, radix: 16))}"
        }.joined()
    }
}
