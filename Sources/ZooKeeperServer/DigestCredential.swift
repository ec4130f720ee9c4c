import COpenSSL

/// The scheme digest: `user:password`, shown as `user:` and the base64 of its SHA-1.
///
/// The bytes are taken as ZooKeeper 3.8's DigestAuthenticationProvider takes them: as UTF-8 in which whatever
/// is malformed becomes U+FFFD, hashed as a whole; the user ends at the first colon, or is everything if there
/// is none. Any user and password are right: only access lists tell them apart.
struct DigestCredential {
    /// What the hash is taken of.
    private let text: String

    init(_ bytes: [UInt8]) {
        text = String(decoding: Self.withoutSurrogates(bytes), as: UTF8.self)
    }

    /// `user:BASE64`, the id in access lists; nil when the library refuses to compute SHA-1.
    var identity: String? {
        Self.hash(Array(text.utf8)).map { "\(user):\(Self.base64($0))" }
    }

    private var user: Substring {
        text.unicodeScalars.firstIndex(of: ":").map { text[..<$0] } ?? text[...]
    }

    /// Java takes an encoded surrogate for one malformed character, Swift each of its bytes.
    private static func withoutSurrogates(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(0xed) else { return bytes }
        var (out, rest) = ([UInt8](), bytes[...])
        while let byte = rest.popFirst() {
            guard byte == 0xed, let second = rest.first, (0xa0...0xbf).contains(second) else {
                out.append(byte)
                continue
            }
            rest.removeFirst()
            if let third = rest.first, third & 0xc0 == 0x80 { rest.removeFirst() }
            out += Array("\u{fffd}".utf8)
        }
        return out
    }

    /// True for text that `identity` could be.
    static func isIdentity(_ text: String) -> Bool {
        guard let colon = text.unicodeScalars.lastIndex(of: ":") else { return false }
        let hash = text.unicodeScalars[colon...].dropFirst()
        let digits = hash.dropLast()
        return hash.count == hashBytes.base64 && hash.last == "="
            && digits.allSatisfy { alphabet.contains(UInt8(truncatingIfNeeded: $0.value)) }
            && digits.allSatisfy { $0.isASCII }
    }

    /// Compares in the same time wherever the difference is.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Length of a SHA-1, and of its base64 with one `=` (RFC 3174, RFC 4648 section 4).
    private static let hashBytes = (plain: 20, base64: 28)
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    private static func hash(_ bytes: [UInt8]) -> [UInt8]? {
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // SAFETY: the pointers live for the call only; it reads `count` bytes and writes at most
        // EVP_MAX_MD_SIZE, for which `hash` has room.
        let isDone = unsafe EVP_Digest(bytes, bytes.count, &hash, &length, EVP_sha1(), nil) == 1
        return isDone && Int(length) == hashBytes.plain ? Array(hash.prefix(Int(length))) : nil
    }

    /// Three bytes as four digits of six bits.
    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for digit in 0...group.count { text.append(alphabet[bits >> (18 - 6 * digit) & 0x3f]) }
            text += [UInt8](repeating: UInt8(ascii: "="), count: 3 - group.count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
