import ZooKeeperProtocol

/// A znode on its way from one tree to another: what it is, without the versions and times of its life.
///
/// Step of the data flow: made by a walk over a tree or of a line of a file, written as such a line, or
/// created on a server.
struct PortableZNode: Equatable, Sendable {
    /// What makes the znode go by itself; ephemerals do not travel.
    enum Kind: Equatable, Sendable {
        case persistent
        case container
        case ttl(milliseconds: Int64)
    }

    /// Absolute, below the chroot of whoever reads or makes it.
    let path: String
    var kind = Kind.persistent
    /// Nil where null is stored.
    let data: [UInt8]?
    let acl: [ACL]

    /// True for what a tree without a history has at its root.
    var isPristine: Bool { (data ?? []).isEmpty && acl == ACL.openUnsafe }

    /// What creates it.
    ///
    /// - Parameter acl: In place of its own access list.
    /// - Returns: The request of its kind.
    func creation(acl: [ACL]) -> Request {
        switch kind {
        case .persistent:
            .create(CreateRequest(path: path, data: data, acl: acl, mode: .persistent))
        case .container:
            .createContainer(CreateRequest(path: path, data: data, acl: acl, mode: .container))
        case .ttl(let milliseconds):
            .createTTL(
                CreateTTLRequest(
                    create: CreateRequest(path: path, data: data, acl: acl, mode: .persistentTTL),
                    ttlMilliseconds: milliseconds
                )
            )
        }
    }

    /// About how long the request is that creates it.
    var requestBytes: Int {
        path.utf8.count + (data?.count ?? 0) + Limits.createOverheadBytes
            + acl.reduce(0) { $0 + $1.scheme.utf8.count + $1.id.utf8.count + Limits.aclBytes }
    }
}

extension PortableZNode.Kind {
    /// The kind that a Stat tells; nil for an ephemeral.
    ///
    /// ZooKeeper 3.8 shows containers and TTL znodes as persistent. Servers that show how they keep them
    /// have the smallest number for a container, and 0xff in the first byte, zeros in the next two and
    /// milliseconds in the rest for a TTL (ZooKeeper 3.8 EphemeralType).
    init?(ephemeralOwner owner: Int64) {
        switch owner {
        case 0: self = .persistent
        case .min: self = .container
        case _ where owner >> 40 == -1 << 16: self = .ttl(milliseconds: owner & (1 << 40 - 1))
        default: return nil
        }
    }
}

/// The znodes that servers keep for themselves.
enum ServerZNodes {
    static let root = "/zookeeper"

    /// True for what a server makes and minds itself; quotas, which users set, are not.
    static func contains(_ path: String) -> Bool {
        ZNodePath.isSame(path, orBelow: root) && !isQuota(path)
    }

    /// True for the znode that holds the limits of a quota.
    static func isQuota(_ path: String) -> Bool {
        path.hasPrefix(QuotaText.root + "/") && path.hasSuffix("/" + QuotaText.limitsName)
    }
}
