import ZNodeTree
import ZooKeeperProtocol

/// Access lists by section 13 of the fact sheet.
enum PlainAccess {
    static func allows(_ wanted: ACL.Permissions, _ acl: [ACL], _ caller: [Identity]) -> Bool {
        if caller.contains(where: { $0.scheme == "super" }) { return true }
        return acl.contains { entry in
            guard entry.permissions.rawValue & wanted.rawValue != 0 else { return false }
            if entry.scheme == "world" { return true }
            return caller.contains { identity in
                guard identity.scheme == entry.scheme else { return false }
                if entry.scheme == "ip" { return covers(entry.id, identity.id) }
                return identity.id == entry.id
            }
        }
    }

    /// The list as it is stored; nil when it is none.
    static func stored(_ acl: [ACL], _ caller: [Identity]) -> [ACL]? {
        var list: [ACL] = []
        for (index, entry) in acl.enumerated() where !acl[..<index].contains(entry) {
            switch entry.scheme {
            case "world":
                guard entry.id == "anyone" else { return nil }
                list.append(entry)
            case "auth":
                let own = caller.filter { $0.scheme != "ip" && $0.scheme != "super" }
                guard !own.isEmpty else { return nil }
                list += own.map { ACL(entry.permissions, scheme: $0.scheme, id: $0.id) }
            case "digest":
                // As Java splits it: empty parts at the end are none.
                var parts = entry.id.utf8.split(separator: 58, omittingEmptySubsequences: false)
                while parts.last?.isEmpty == true { parts.removeLast() }
                guard parts.count == 2 else { return nil }
                list.append(entry)
            case "ip":
                guard range(entry.id) != nil else { return nil }
                list.append(entry)
            default: return nil
            }
        }
        return list.isEmpty ? nil : list
    }

    /// What someone without ADMIN sees of it.
    static func masked(_ acl: [ACL]) -> [ACL] {
        acl.map { entry in
            guard entry.scheme == "digest" else { return entry }
            return ACL(entry.permissions, scheme: "digest", id: user(entry.id) + ":x")
        }
    }

    /// What stands before the colon.
    static func user(_ id: String) -> String {
        String(decoding: id.utf8.prefix { $0 != 58 }, as: UTF8.self)
    }

    private static func covers(_ block: String, _ address: String) -> Bool {
        guard let (low, high) = range(block), let (number, _) = range(address) else { return false }
        return (low...high).contains(number)
    }

    /// First and last address of `A.B.C.D` or `A.B.C.D/bits`.
    private static func range(_ text: String) -> (UInt64, UInt64)? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        guard halves.count <= 2, parts.count == 4, bytes.count == 4 else { return nil }
        let number = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard halves.count == 2 else { return (number, number) }
        guard let bits = UInt64(halves[1]), bits <= 32 else { return nil }
        let size = UInt64(1) << (32 - bits)
        return (number / size * size, number / size * size + size - 1)
    }
}
