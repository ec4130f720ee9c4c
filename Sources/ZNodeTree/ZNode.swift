import ZooKeeperProtocol

/// One node of the tree: its data, its counters, and its places in the lists of its parent and its owner.
///
/// Only `ZNodeTree` changes it. Invariants: `parent.children[indexInParent]` is this node, and for an
/// ephemeral `owner.ephemerals[indexInOwner]` too, so that it leaves both lists in O(1), however long they are:
/// the last entry takes its place. A million of them are in memory, nearly all without children: what only
/// nodes with children need stands in their `branch`, and numbers are as wide as they must be. An instance
/// takes 160 bytes, with malloc's.
final class ZNode: Queued {
    /// What there is of something.
    struct Weight: Equatable {
        var nodes: Int
        /// Of data.
        var bytes: Int
    }

    /// Absolute path.
    let path: String
    /// The path's, under which it is filed.
    let hash: Int
    /// Nil for the root, and after removal.
    var parent: ZNode?
    /// Nil for a node that never had a child.
    private(set) var branch: ZNodeBranch?
    var access: AccessList
    var data: [UInt8]?
    var czxid: Int64
    var mzxid: Int64
    /// Last zxid that changed anything a reader of this node can see.
    var touched: Int64
    var ctime: Int64
    var mtime: Int64
    private let kindNumber: Int64
    var version: Int32 = 0
    var aversion: Int32 = 0
    private var placeInParent: UInt32 = 0
    private var placeInOwner: UInt32 = 0
    private var placeInQueue: Int32 = -1
    private let levelNumber: UInt32
    private let nameStart: UInt32
    private let kindTag: ZNodeKind.Tag
    /// True while a quota counts what happens here and below.
    var hasQuota = false
    /// True below /zookeeper/quota, where the names of nodes have a meaning.
    let isAboutQuotas: Bool

    init(
        path: String,
        hash: Int,
        kind: ZNodeKind,
        parent: ZNode?,
        data: [UInt8]?,
        access: AccessList,
        zxid: Int64,
        milliseconds: Int64
    ) {
        (self.path, self.hash, self.parent, self.data) = (path, hash, parent, data)
        (self.access, kindTag, kindNumber) = (access, kind.tag, kind.number)
        (czxid, mzxid, touched) = (zxid, zxid, zxid)
        (ctime, mtime) = (milliseconds, milliseconds)
        let level = parent.map { $0.level + 1 } ?? 0
        levelNumber = UInt32(level)
        let above = parent?.path.utf8.count ?? 1
        nameStart = UInt32(above > 1 ? above + 1 : 1)
        isAboutQuotas = parent.map { $0.isAboutQuotas || $0.isQuotaRoot } ?? false
        guard let parent, level - 1 > Limits.weighedLevelsMax else { return }
        branch = ZNodeBranch(pzxid: zxid, weighedParent: parent.weighedParent)
    }

    /// What makes it go by itself.
    var kind: ZNodeKind { ZNodeKind(kindTag, kindNumber) }
    /// The session that owns the ephemeral; 0 for all other kinds.
    var owner: Int64 { kindTag == .ephemeral ? kindNumber : 0 }
    /// Its own entry of the tables that are kept by path.
    var key: PathKey { PathKey(path, hash: hash) }
    var acl: [ACL] { access.entries }
    /// How many nodes are above; 0 for the root.
    var level: Int { Int(levelNumber) }

    /// Last component, empty for the root.
    var name: Substring {
        path[path.utf8.index(path.startIndex, offsetBy: Int(nameStart))...]
    }
    /// Bytes of the name.
    var nameBytes: Int { path.utf8.count - Int(nameStart) }

    var indexInParent: Int {
        get { Int(placeInParent) }
        set { placeInParent = UInt32(newValue) }
    }
    var indexInOwner: Int {
        get { Int(placeInOwner) }
        set { placeInOwner = UInt32(newValue) }
    }
    var queueIndex: Int {
        get { Int(placeInQueue) }
        set { placeInQueue = Int32(newValue) }
    }

    var children: [ZNode] { branch?.children ?? [] }
    var childCount: Int { branch?.children.count ?? 0 }

    /// zxid of the last creation or deletion of a child; `czxid` at first.
    var pzxid: Int64 {
        get { branch?.pzxid ?? czxid }
        set { if newValue != pzxid { grown.pzxid = newValue } }
    }

    /// Children ever created, which is the next sequence number but not what a Stat shows as `cversion`.
    var creations: Int32 {
        get { branch?.creations ?? 0 }
        set { if newValue != creations { grown.creations = newValue } }
    }

    /// Of the node and all below; in levels deeper than `Limits.weighedLevelsMax` of the node alone.
    var weight: Weight {
        let below = branch?.below ?? Weight(nodes: 0, bytes: 0)
        return Weight(nodes: below.nodes + 1, bytes: below.bytes + (data?.count ?? 0))
    }

    /// The nearest node above that counts what is below: the parent, or one far up for a deep node.
    var weighedParent: ZNode? {
        level - 1 > Limits.weighedLevelsMax ? branch?.weighedParent : parent
    }

    /// What clients are shown; `cversion` is creations plus deletions, that is 2 x creations - children.
    var stat: Stat {
        let childCount = Int32(clamping: childCount)
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

    /// What it has as a node that has, or had, children.
    var grown: ZNodeBranch {
        if let branch { return branch }
        let new = ZNodeBranch(pzxid: czxid, weighedParent: nil)
        branch = new
        return new
    }

    func append(child: ZNode) {
        let branch = grown
        branch.encodedNames = nil
        child.indexInParent = branch.children.count
        branch.children.append(child)
    }

    func remove(child: ZNode) {
        let branch = grown
        branch.encodedNames = nil
        let last = branch.children.removeLast()
        guard last !== child else { return }
        branch.children[child.indexInParent] = last
        last.indexInParent = child.indexInParent
    }

    /// Lets go of the nodes around, so that none is kept by another when the tree goes.
    func isolate() { (parent, branch) = (nil, nil) }

    private var isQuotaRoot: Bool {
        path.utf8.count == ZNodeTree.BuiltIn.quota.utf8.count && path == ZNodeTree.BuiltIn.quota
    }
}
