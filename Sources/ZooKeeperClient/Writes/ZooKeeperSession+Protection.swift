public import ZooKeeperProtocol

// Sequential znodes that are found again when the answer to their creation was lost.
extension ZooKeeperSession {
    /// Makes a znode whose name is its own, also over lost connections.
    ///
    /// The name begins with `_c_`, a UUID and `-`, as Curator's protected ones do. After a connection was
    /// lost behind the request, the parent's children are searched for it: no second one is made, and none
    /// is left behind. An ephemeral one of a session that expired meanwhile is not taken: it is about to go.
    ///
    /// - Parameters:
    ///   - path: Absolute, such as `/locks/lock-`: made is `/locks/_c_<UUID>-lock-0000000001`.
    ///   - data: What it holds; nil is stored as such.
    ///   - mode: Without TTL.
    ///   - acl: Open to all by default.
    ///   - policy: How often, and after which pauses.
    /// - Returns: The path made.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is no parent.
    public func createProtected(
        _ path: String,
        data: [UInt8]? = [],
        mode: CreateMode = .ephemeralSequential,
        acl: [ACL] = ACL.openUnsafe,
        retrying policy: RetryPolicy = .exponential()
    ) async throws(ZooKeeperError) -> String {
        guard let parent = ZNodePath.parent(of: path) else {
            throw ZooKeeperError(
                .badArgument,
                "createProtected \"\(path)\": no name below a parent"
            )
        }
        let prefix = ProtectedName.prefix()
        let whole = ZNodePath.join(parent, prefix + ZNodePath.name(of: path))
        return try await settle(policy) { () async throws(ZooKeeperError) in
            try await self.create(whole, data: data, mode: mode, acl: acl)
        } look: { (_) async throws(ZooKeeperError) in
            let names = try await self.getChildren(parent)
            guard let name = names.first(where: { $0.hasPrefix(prefix) }) else { return .notDone }
            let found = ZNodePath.join(parent, name)
            guard mode.isEphemeral else { return .done(found) }
            guard let stat = try await self.exists(found),
                stat.ephemeralOwner == self.identity?.sessionID
            else { return .notDone }
            return .done(found)
        }
    }
}

/// Names as Curator's protection makes them (Curator 5.4 ProtectedUtils): `_c_`, a UUID, `-`, the name.
public enum ProtectedName {
    /// Bytes before the name: `_c_`, 36 of the UUID, `-`.
    private static let prefixBytes = 40

    /// A new prefix, other than all before.
    static func prefix() -> String {
        var random = SystemRandomNumberGenerator()
        // RFC 9562 section 5.4: version 4, variant 10.
        let high = random.next() & ~0xf000 | 0x4000
        let low = random.next() & ~(0b11 << 62) | 0b10 << 62
        let digits = hex(high) + hex(low)
        var (uuid, rest) = ("", digits[...])
        for count in [8, 4, 4, 4, 12] {
            uuid += (uuid.isEmpty ? "" : "-") + rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return "_c_\(uuid)-"
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The name without its protection; others are left as they are.
    ///
    /// - Parameter name: A znode's name, or a path's last component.
    /// - Returns: `lock-0000000001` for `_c_<UUID>-lock-0000000001`.
    public static func plain(_ name: String) -> String {
        guard name.hasPrefix("_c_"), name.utf8.count >= prefixBytes,
            name.utf8.dropFirst(prefixBytes - 1).first == UInt8(ascii: "-")
        else { return name }
        return String(Substring(name.utf8.dropFirst(prefixBytes)))
    }
}
