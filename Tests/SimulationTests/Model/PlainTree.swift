import ZooKeeperProtocol

/// One node as the fact sheet describes it, every field of its Stat kept by hand.
struct PlainNode {
    var data: [UInt8]?
    var acl: [ACL]
    var czxid: Int64
    var mzxid: Int64
    var pzxid: Int64
    var ctime: Int64
    var mtime: Int64
    var version: Int32 = 0
    /// Creations plus deletions of children.
    var cversion: Int32 = 0
    var aversion: Int32 = 0
    /// Creations of children: the next sequence number.
    var creations: Int32 = 0
    /// The session of an ephemeral, else 0.
    var owner: Int64 = 0
    var isContainer = false
    var ttl: Int64?
    /// The last zxid that changed anything about it.
    var changed: Int64
}

/// One change, for the watches, with the access lists of that moment.
struct PlainChange {
    enum Kind {
        case created
        case deleted
        case dataChanged
    }
    let kind: Kind
    let path: PlainPath
    let acl: [ACL]
    let parentACL: [ACL]
}

/// The tree as a dictionary of paths; every question is answered by looking at all of them.
struct PlainTree {
    var nodes: [PlainPath: PlainNode] = [:]
    /// When what is not there was there last.
    var deletedAt: [PlainPath: Int64] = [:]
    /// Since the last `takeChanges`, in order.
    private var changes: [PlainChange] = []

    static let builtIn = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]

    init() {
        for path in Self.builtIn {
            nodes[PlainPath(path)] = PlainNode(
                data: [],
                acl: ACL.openUnsafe,
                czxid: 0,
                mzxid: 0,
                pzxid: 0,
                ctime: 0,
                mtime: 0,
                changed: 0
            )
        }
        // As a fresh 3.8 shows them: the built-in children were not counted.
        nodes[.root]?.cversion = -1
        nodes[PlainPath("/zookeeper")]?.cversion = -2
        nodes[PlainPath("/zookeeper/config")]?.aversion = -1
        nodes[PlainPath("/zookeeper/config")]?.acl = ACL.readUnsafe
    }

    /// An empty path reaches the root.
    func node(_ path: String) -> PlainNode? {
        nodes[path.isEmpty ? .root : PlainPath(path)]
    }

    func children(_ path: String) -> [String] {
        let parent = path.isEmpty ? .root : PlainPath(path)
        return nodes.keys.filter { $0 != .root && $0.parent == parent }.sorted().map(\.name)
    }

    func descendants(_ path: String) -> Int {
        let parent = path.isEmpty ? .root : PlainPath(path)
        return nodes.keys.count { $0.isBelow(parent) }
    }

    func ephemerals(_ session: Int64) -> [PlainPath] {
        nodes.filter { $0.value.owner == session }.map(\.key).sorted()
    }

    func stat(_ path: String) -> Stat? {
        node(path).map { node in
            Stat(
                czxid: node.czxid,
                mzxid: node.mzxid,
                ctime: node.ctime,
                mtime: node.mtime,
                version: node.version,
                cversion: node.cversion,
                aversion: node.aversion,
                ephemeralOwner: node.owner,
                dataLength: Int32(node.data?.count ?? 0),
                numChildren: Int32(children(path).count),
                pzxid: node.pzxid
            )
        }
    }

    /// The last zxid at which anything about the path changed, its coming and going included.
    func changed(_ path: String) -> Int64 {
        let key = path.isEmpty ? .root : PlainPath(path)
        return nodes[key]?.changed ?? deletedAt[key] ?? 0
    }

    mutating func insert(_ node: PlainNode, at path: PlainPath) {
        nodes[path] = node
        change(path.parent, node.czxid) { parent in
            parent.creations &+= 1
            parent.cversion &+= 1
            parent.pzxid = node.czxid
        }
        note(.created, path, node.acl)
    }

    mutating func remove(_ path: PlainPath, zxid: Int64) {
        let acl = nodes[path]?.acl ?? []
        nodes[path] = nil
        deletedAt[path] = zxid
        change(path.parent, zxid) { parent in
            parent.cversion &+= 1
            parent.pzxid = zxid
        }
        note(.deleted, path, acl)
    }

    mutating func setData(_ path: PlainPath, _ data: [UInt8]?, zxid: Int64, time: Int64) {
        change(path, zxid) { node in
            node.data = data
            node.version &+= 1
            (node.mzxid, node.mtime) = (zxid, time)
        }
        note(.dataChanged, path, nodes[path]?.acl ?? [])
    }

    mutating func setACL(_ path: PlainPath, _ acl: [ACL], zxid: Int64) {
        change(path, zxid) { node in
            node.acl = acl
            node.aversion &+= 1
        }
    }

    private mutating func note(_ kind: PlainChange.Kind, _ path: PlainPath, _ acl: [ACL]) {
        let parentACL = path.parent.flatMap { nodes[$0]?.acl } ?? []
        changes.append(PlainChange(kind: kind, path: path, acl: acl, parentACL: parentACL))
    }

    mutating func takeChanges() -> [PlainChange] {
        defer { changes = [] }
        return changes
    }

    /// The tree is as it was at an earlier zxid.
    mutating func goBack(to nodes: [PlainPath: PlainNode], zxid: Int64) {
        self.nodes = nodes
        deletedAt = deletedAt.filter { nodes[$0.key] == nil && $0.value <= zxid }
        changes = []
    }

    private mutating func change(
        _ path: PlainPath?,
        _ zxid: Int64,
        _ body: (inout PlainNode) -> Void
    ) {
        guard let path, var node = nodes[path] else { return }
        body(&node)
        node.changed = zxid
        nodes[path] = node
    }
}
