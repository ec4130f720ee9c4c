import ZooKeeperProtocol

/// One node of the tree: its data, its counters, and its places in the lists of its parent and its owner.
///
/// Only `ZNodeTree` changes it. Invariants: `parent.children[indexInParent]` is this node, and for an
/// ephemeral `owner.ephemerals[indexInOwner]` too, so that it leaves both lists in O(1), however long they are:
/// the last entry takes its place.
final class ZNode: Queued {
    /// What there is of something.
    struct Weight: Equatable {
        var nodes: Int
        /// Of data.
        var bytes: Int
    }

    /// Absolute path.
    let path: String
    /// Under which it is filed.
    let key: PathKey
    /// Last component, empty for the root.
    let name: String
    let kind: ZNodeKind
    /// Nil for the root, and after removal.
    unowned var parent: ZNode?
    var indexInParent = 0
    var indexInOwner = 0
    var children: [ZNode] = []
    /// The children's names as replies have them, until the list changes; nil while nobody has asked.
    var encodedNames: EncodedNames?
    /// Of the node and all below; in levels deeper than `Limits.weighedLevelsMax` of the node alone.
    var weight: Weight
    /// How many nodes are above; 0 for the root.
    let level: Int
    /// The nearest node above that counts what is below: the parent, or one far up for a deep node.
    private(set) unowned var weighedParent: ZNode?
    /// True while a quota counts what happens here and below.
    var hasQuota = false
    var queueIndex = -1

    var data: [UInt8]?
    var acl: [ACL]
    var czxid: Int64
    var ctime: Int64
    var mzxid: Int64
    var mtime: Int64
    var pzxid: Int64
    var version: Int32 = 0
    var aversion: Int32 = 0
    /// Children ever created, which is the next sequence number but not what a Stat shows as `cversion`.
    var creations: Int32 = 0
    /// Last zxid that changed anything a reader of this node can see.
    var touched: Int64

    init(
        path: String,
        key: PathKey,
        kind: ZNodeKind,
        parent: ZNode?,
        data: [UInt8]?,
        acl: [ACL],
        zxid: Int64,
        milliseconds: Int64
    ) {
        (self.path, self.key, name, self.kind) = (path, key, ZNodePath.name(of: path), kind)
        (self.parent, self.data, self.acl) = (parent, data, acl)
        (czxid, mzxid, pzxid, touched) = (zxid, zxid, zxid, zxid)
        (ctime, mtime) = (milliseconds, milliseconds)
        weight = Weight(nodes: 1, bytes: data?.count ?? 0)
        level = parent.map { $0.level + 1 } ?? 0
        weighedParent = level - 1 > Limits.weighedLevelsMax ? parent?.weighedParent : parent
    }

    /// The session that owns the ephemeral; 0 for all other kinds.
    var owner: Int64 {
        if case .ephemeral(let session) = kind { session } else { 0 }
    }

    /// What clients are shown; `cversion` is creations plus deletions, that is 2 x creations - children.
    var stat: Stat {
        let childCount = Int32(clamping: children.count)
        return Stat(
            czxid: czxid,
            mzxid: mzxid,
            ctime: ctime,
            mtime: mtime,
            version: version,
            cversion: creations &+ creations &- childCount,
            aversion: aversion,
            ephemeralOwner: owner,
            dataLength: Int32(clamping: data?.count ?? 0),
            numChildren: childCount,
            pzxid: pzxid
        )
    }

    func append(child: ZNode) {
        encodedNames = nil
        child.indexInParent = children.count
        children.append(child)
    }

    func remove(child: ZNode) {
        encodedNames = nil
        let last = children.removeLast()
        guard last !== child else { return }
        children[child.indexInParent] = last
        last.indexInParent = child.indexInParent
    }
}
