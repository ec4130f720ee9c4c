/// A path by its bytes: `String` would take two spellings of "é" for one.
struct PlainPath: Hashable, Comparable, CustomStringConvertible {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static let root = PlainPath("/")

    var description: String { String(decoding: bytes, as: UTF8.self) }

    static func < (left: PlainPath, right: PlainPath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// What stands before the last slash, not checked further; nil without a slash.
    var parent: PlainPath? {
        guard let slash = bytes.lastIndex(of: 47) else { return nil }
        return slash == 0 ? .root : PlainPath(Array(bytes[..<slash]))
    }

    var name: String {
        guard let slash = bytes.lastIndex(of: 47) else { return description }
        return String(decoding: bytes[(slash + 1)...], as: UTF8.self)
    }

    /// Nothing is below the empty path, though reads take it for the root.
    func isBelow(_ other: PlainPath) -> Bool {
        if other.bytes.isEmpty { return false }
        let prefix = other == .root ? other.bytes : other.bytes + [47]
        return bytes.count > prefix.count && bytes.starts(with: prefix)
    }

    /// The rules of section 8 of the fact sheet, one after the other.
    var isValid: Bool {
        if self == .root { return true }
        guard bytes.first == 47, bytes.last != 47 else { return false }
        let components = bytes.dropFirst().split(separator: 47, omittingEmptySubsequences: false)
        for component in components {
            let text = String(decoding: component, as: UTF8.self)
            if text.isEmpty || text == "." || text == ".." { return false }
        }
        return description.utf16.allSatisfy { unit in
            switch unit {
            case 0x0...0x1f, 0x7f...0x9f, 0xd800...0xf8ff, 0xfff0...0xffff: false
            default: true
            }
        }
    }
}
