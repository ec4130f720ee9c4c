import ZooKeeperProtocol

/// Access lists as text that people read and programs read back exactly: `world:anyone:cdrwa,ip:10.0.0.0/8:r`.
///
/// ZooKeeper's own way to write them, with `%` and two hex digits for what would be taken for a separator: `%` and
/// `,` anywhere, `:` in a scheme. Permissions that have no letter, or none at all, are a number.
enum ACLText {
    static func text(of acl: [ACL]) -> String {
        acl.map { entry in
            let scheme = escaped(entry.scheme, separators: [comma, percent, colon])
            let id = escaped(entry.id, separators: [comma, percent])
            return "\(scheme):\(id):\(text(of: entry.permissions))"
        }.joined(separator: ",")
    }

    /// The list that a text stands for; nil when it is none.
    static func acl(of text: String) -> [ACL]? {
        var acl: [ACL] = []
        for part in text.utf8.split(separator: comma, omittingEmptySubsequences: false) {
            guard let first = part.firstIndex(of: colon), let last = part.lastIndex(of: colon),
                first < last, let scheme = plain(part[..<first]),
                let id = plain(part[part.index(after: first)..<last]),
                let permissions = permissions(of: part[part.index(after: last)...])
            else { return nil }
            acl.append(ACL(permissions, scheme: scheme, id: id))
        }
        return acl
    }

    private static let comma = UInt8(ascii: ",")
    private static let colon = UInt8(ascii: ":")
    private static let percent = UInt8(ascii: "%")
    private static let digits = Array("0123456789abcdef".utf8)
    /// In the order in which ZooKeeper 3.8's shell writes them.
    private static let letters: [(UInt8, ACL.Permissions)] = [
        (UInt8(ascii: "c"), .create), (UInt8(ascii: "d"), .delete), (UInt8(ascii: "r"), .read),
        (UInt8(ascii: "w"), .write), (UInt8(ascii: "a"), .admin),
    ]

    private static func text(of permissions: ACL.Permissions) -> String {
        guard !permissions.isEmpty, permissions.isSubset(of: .all) else {
            return String(permissions.rawValue)
        }
        let held = letters.filter { permissions.contains($0.1) }.map(\.0)
        return String(decoding: held, as: UTF8.self)
    }

    private static func permissions(of text: Substring.UTF8View) -> ACL.Permissions? {
        if let number = Int32(Substring(text)) { return ACL.Permissions(rawValue: number) }
        var permissions: ACL.Permissions = []
        for byte in text {
            guard let letter = letters.first(where: { $0.0 == byte }) else { return nil }
            permissions.insert(letter.1)
        }
        return permissions.isEmpty ? nil : permissions
    }

    private static func escaped(_ text: String, separators: [UInt8]) -> String {
        guard text.utf8.contains(where: separators.contains) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if separators.contains(byte) {
                bytes += [percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func plain(_ text: Substring.UTF8View) -> String? {
        guard text.contains(percent) else { return String(Substring(text)) }
        var (bytes, rest) = ([UInt8](), text)
        while let byte = rest.popFirst() {
            guard byte == percent else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digits.firstIndex),
                let low = rest.popFirst().flatMap(digits.firstIndex)
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
