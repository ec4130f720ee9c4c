import ZooKeeperProtocol

/// Access lists as the shell reads and prints them.
enum ACLText {
    /// Reads `scheme:id:perms,...`; parts of another form are left out, with a sentence each.
    static func parse(_ text: String) -> (acl: [ACL], notices: [String]) {
        var acl: [ACL] = []
        var notices: [String] = []
        var parts = text.split(separator: ",", omittingEmptySubsequences: false)
        // Java's split drops empty parts at the end, but never the first.
        while parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
        for part in parts {
            guard let first = part.firstIndex(of: ":"), let last = part.lastIndex(of: ":"),
                first != last
            else {
                notices.append("\(part) does not have the form scheme:id:perm")
                continue
            }
            let permissions = permissions(part[part.index(after: last)...], &notices)
            let id = part[part.index(after: first)..<last]
            acl.append(ACL(permissions, scheme: String(part[..<first]), id: String(id)))
        }
        return (acl, notices)
    }

    /// The lines of one entry: its identity in Jute's text form, which ends its line, then its rights.
    static func lines(_ entry: ACL) -> [String] {
        ["'\(escaped(entry.scheme)),'\(escaped(entry.id))", ": " + text(entry.permissions)]
    }

    /// The letters of permissions, in the order cdrwa.
    static func text(_ permissions: ACL.Permissions) -> String {
        letters.filter { permissions.contains($0.permission) }.map { String($0.letter) }.joined()
    }

    private static let letters: [(letter: Character, permission: ACL.Permissions)] = [
        ("c", .create), ("d", .delete), ("r", .read), ("w", .write), ("a", .admin),
    ]

    private static func permissions(
        _ text: Substring,
        _ notices: inout [String]
    ) -> ACL.Permissions {
        var permissions: ACL.Permissions = []
        for letter in text {
            if let known = letters.first(where: { $0.letter == letter }) {
                permissions.insert(known.permission)
            } else {
                notices.append("Unknown perm type: \(letter)")
            }
        }
        return permissions
    }

    /// Jute's comma-separated form escapes what would end a field.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\0": "%00"
            case "\n": "%0A"
            case "\r": "%0D"
            case ",": "%2C"
            case "}": "%7D"
            case "%": "%25"
            default: String(scalar)
            }
        }.joined()
    }
}
