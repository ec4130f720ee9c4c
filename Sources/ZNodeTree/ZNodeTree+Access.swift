import ServiceModel
import ZooKeeperProtocol

/// Access lists: who may do what, and which lists are lists at all (ZooKeeper 3.8 PrepRequestProcessor.fixupACL).
extension ZNodeTree {
    /// - Throws: NOAUTH when no entry gives any of the permissions to any identity of the caller.
    static func require(
        _ permissions: ACL.Permissions,
        of node: ZNode,
        by caller: Caller
    ) throws(ErrorCode) {
        guard
            !node.access.everyone.isDisjoint(with: permissions)
                || allows(permissions, node.acl, caller)
        else { throw .noAuth }
    }

    static func allows(
        _ permissions: ACL.Permissions,
        _ acl: [ACL],
        _ caller: Caller
    ) -> Bool {
        for entry in acl where !entry.permissions.isDisjoint(with: permissions) {
            if entry.scheme == "world" { return true }
            for identity in caller.identities where identity.scheme == entry.scheme {
                if matches(identity, entry) { return true }
            }
        }
        return caller.identities.contains { $0.scheme == Identity.superUser.scheme }
    }

    /// The list as it is stored: without repeats, `auth` replaced by the caller's own identities.
    ///
    /// - Throws: INVALIDACL for an empty or too long list, an unknown scheme or a malformed id.
    static func effective(_ acl: [ACL], for caller: Caller) throws(ErrorCode) -> [ACL] {
        if acl == ACL.openUnsafe { return ACL.openUnsafe }
        guard !acl.isEmpty else { throw .invalidACL }
        var stored: [ACL] = []
        var seen: Set<ACL> = []
        for entry in acl where seen.insert(entry).inserted {
            switch entry.scheme {
            case "world":
                guard entry.id == "anyone" else { throw .invalidACL }
                stored.append(entry)
            case "auth":
                let others = ["ip", Identity.superUser.scheme]
                let own = caller.identities.filter { !others.contains($0.scheme) }
                guard !own.isEmpty else { throw .invalidACL }
                for identity in own {
                    let scheme = identity.scheme
                    stored.append(ACL(entry.permissions, scheme: scheme, id: identity.id))
                }
            case "digest":
                guard isDigest(entry.id) else { throw .invalidACL }
                stored.append(entry)
            case "ip":
                guard AddressBlock(entry.id) != nil else { throw .invalidACL }
                stored.append(entry)
            default: throw .invalidACL
            }
            guard stored.count <= Limits.aclEntriesMax else { throw .invalidACL }
        }
        return stored
    }

    /// `user:hash`, with any number of colons behind it and either part empty but the last one.
    ///
    /// The rule is that of Java's `String.split`, which drops empty parts at the end.
    private static func isDigest(_ id: String) -> Bool {
        var parts = id.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        while parts.last?.isEmpty == true { parts.removeLast() }
        return parts.count == 2
    }

    /// The list as someone without ADMIN sees it: the hashes of digests are blotted out.
    static func masked(_ acl: [ACL]) -> [ACL] {
        acl.map { entry in
            guard entry.scheme == "digest" else { return entry }
            var entry = entry
            let user = entry.id.split(separator: ":", omittingEmptySubsequences: false)[0]
            entry.id = user + ":x"
            return entry
        }
    }

    private static func matches(_ identity: Identity, _ entry: ACL) -> Bool {
        guard identity.scheme == "ip" else { return identity.id == entry.id }
        guard let block = AddressBlock(entry.id), let address = IPAddress(identity.id) else {
            return false
        }
        return block.contains(address)
    }
}

/// `A.B.C.D` or `A.B.C.D/bits`, as ids of the scheme ip are written; ZooKeeper 3.8 knows no others.
private struct AddressBlock {
    private let address: [UInt8]
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]), address.bytes.count == 4 else {
            return nil
        }
        self.address = address.bytes
        guard parts.count == 2 else {
            bits = self.address.count * 8
            return
        }
        guard let bits = Int(parts[1]), (0...self.address.count * 8).contains(bits) else {
            return nil
        }
        self.bits = bits
    }

    func contains(_ other: IPAddress) -> Bool {
        let bytes = other.bytes
        guard bytes.count == address.count else { return false }
        for bit in 0..<bits {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            guard (bytes[bit / 8] ^ address[bit / 8]) & mask == 0 else { return false }
        }
        return true
    }
}
