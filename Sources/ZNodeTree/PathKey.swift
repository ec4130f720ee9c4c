/// A path as a dictionary key that compares by bytes.
///
/// `String` takes canonically equivalent texts for equal ("é" in its one- and two-character forms), ZooKeeper
/// does not. ASCII, nearly every path, stands for itself and keeps the fast comparison. Anything else is
/// spelled in ASCII behind a U+0001: each byte from 0x80 on, and each U+0001, as U+0001 and two hex digits. A
/// path that itself begins with U+0001, as only a watch's can, is spelled too. A path can have a megabyte, so
/// its hash is computed once and goes with it.
struct PathKey: Hashable, Sendable {
    private let text: String
    private let hash: Int

    /// - Complexity: O(bytes of the path).
    init(_ path: String) {
        var hash = PathHash()
        self.init(path, hash: hash.advance(to: path.utf8.count, of: path))
    }

    /// The key of a path whose hash is known.
    init(_ path: String, hash: Int) {
        var bytes = path.utf8Span
        let isPlain = bytes.checkForASCII() && path.utf8.first != 1
        text = isPlain ? path : Self.spelled(path)
        self.hash = hash
    }

    static func == (left: Self, right: Self) -> Bool {
        left.hash == right.hash && left.text == right.text
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    /// The path, letter by letter as it was.
    var path: String {
        guard text.utf8.first == 1 else { return text }
        var (bytes, escape) = ([UInt8](), 0)
        for byte in text.utf8.dropFirst() {
            guard byte != 1 else {
                escape = 2
                bytes.append(0)
                continue
            }
            guard escape > 0 else {
                bytes.append(byte)
                continue
            }
            escape -= 1
            let digit = byte >= UInt8(ascii: "a") ? byte - UInt8(ascii: "a") + 10 : byte & 15
            bytes[bytes.count - 1] = bytes[bytes.count - 1] << 4 | digit
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func spelled(_ path: String) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var text = String.UnicodeScalarView()
        text.append("\u{1}")
        for byte in path.utf8 {
            guard byte >= 0x80 || byte == 1 else {
                text.append(Unicode.Scalar(byte))
                continue
            }
            text.append("\u{1}")
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(text)
    }
}
