/// The text of one log line: a pure rendering of when, how important, who and what.
struct LogLine {
    /// The line without its line end, at most `Limits.lineBytesMax - 1` bytes.
    let text: String

    init(unixMilliseconds: Int64, level: Log.Level, component: String, message: String) {
        let head = "\(Timestamp(unixMilliseconds: unixMilliseconds).text) \(level) \(component): "
        text = Self.cut(head + Self.escape(message), bytesMax: Limits.lineBytesMax - 1)
    }

    /// Makes control characters and those that turn the reading direction visible.
    ///
    /// A backslash stays as it is: the form is for people, not for reading back.
    static func escape(_ message: String) -> String {
        guard message.unicodeScalars.contains(where: isHidden) else { return message }
        var text = ""
        for scalar in message.unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where isHidden(scalar): text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true
        case 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// Ends a text that is too long with an ellipsis, at a character's border.
    private static func cut(_ text: String, bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        let mark = "..."
        var end = text.utf8.index(text.startIndex, offsetBy: bytesMax - mark.utf8.count)
        while end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return text[..<end] + mark
    }
}
