/// The form-urlencoding of names in the tree: `+` or `%20` for a blank, `%XX` for bytes.
///
/// Encodes as Java's `URLEncoder` does; decodes what Java, Go and Python write, strictly.
public enum PercentCoding {
    /// Undoes one level of encoding.
    ///
    /// - Parameter text: Escapes in either case of hexadecimal digits.
    /// - Returns: The text with each `+` a blank and each escape its byte.
    /// - Throws: `RegistrationError.badEscape` for an escape that is cut short or not hexadecimal, and for
    ///   bytes that are not UTF-8.
    public static func decode(_ text: String) throws(RegistrationError) -> String {
        let decoded = try decodedBytes(text)
        guard let result = String(validating: decoded, as: UTF8.self) else {
            throw RegistrationError(.badEscape, text, "its escapes are not UTF-8")
        }
        return result
    }

    /// Undoes one level of encoding.
    ///
    /// - Returns: Bytes that need not be UTF-8.
    /// - Throws: `RegistrationError.badEscape` for an escape that is cut short or not hexadecimal.
    static func decodedBytes(_ text: String) throws(RegistrationError) -> [UInt8] {
        let bytes = text.utf8.span
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, let high = value(ofDigit: bytes[index + 1]),
                    let low = value(ofDigit: bytes[index + 2])
                else { throw badEscape(in: text, at: index) }
                decoded.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                decoded.append(byte)
                index += 1
            }
        }
        return decoded
    }

    /// Encodes a text as Java's `URLEncoder` does in UTF-8.
    ///
    /// - Returns: Letters, digits and `-_.*` as they are, a blank as `+`, other bytes as `%XX`.
    public static func encode(_ text: some StringProtocol) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case _ where isKept(byte): encoded.append(byte)
            case UInt8(ascii: " "): encoded.append(UInt8(ascii: "+"))
            default:
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digit(byte >> 4))
                encoded.append(digit(byte & 15))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Undoes the second encoding of a value that was encoded twice, else gives the value as it is.
    ///
    /// Python encodes values before it encodes the whole URL. Such a value has an escape, all its
    /// escapes are right, and it has no character that an encoder would have escaped.
    static func decodeAgain(_ value: String) -> String {
        guard value.utf8.contains(UInt8(ascii: "%")) else { return value }
        let plain = value.utf8.allSatisfy { byte in
            isKept(byte)
                || [UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "~")].contains(byte)
        }
        guard plain, let decoded = try? decode(value) else { return value }
        return decoded
    }

    private static func badEscape(in text: String, at index: Int) -> RegistrationError {
        let escape = text.utf8.dropFirst(index).prefix(3)
        let isShort = escape.count < 3
        return RegistrationError(
            .badEscape,
            String(decoding: escape, as: UTF8.self),
            "escape is \(isShort ? "cut short" : "not hexadecimal") at byte \(index)"
        )
    }

    private static func isKept(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "*"):
            true
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func value(ofDigit byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
