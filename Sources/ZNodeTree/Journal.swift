import ServiceModel
import ZooKeeperProtocol

/// What the operations of one zxid did so far: enough to undo them, and to fire the watches in order.
struct Journal {
    /// One change of the tree, with what it replaced.
    enum Step {
        case inserted(ZNode, parentPzxid: Int64, parentTouched: Int64)
        case removed(ZNode, parent: ZNode, parentPzxid: Int64, parentTouched: Int64)
        case dataSet(ZNode, [UInt8]?, version: Int32, mzxid: Int64, mtime: Int64, touched: Int64)
        case aclSet(ZNode, [ACL], version: Int32, touched: Int64)
    }

    /// What watchers are told; the parent is the one whose child list changed.
    enum Change {
        case created(String, parent: String)
        case deleted(String, parent: String)
        case dataChanged(String)
    }

    /// What nodes are stamped with.
    let zxid: Int64
    let time: UnixTime
    var steps: [Step] = []
    var changes: [Change] = []

    init(zxid: Int64, time: UnixTime) { (self.zxid, self.time) = (zxid, time) }
}

extension ZNodeTree {
    /// Adds a node below its parent; the caller has checked everything.
    mutating func insert(_ node: ZNode, below parent: ZNode, _ journal: inout Journal) {
        journal.steps.append(
            .inserted(node, parentPzxid: parent.pzxid, parentTouched: parent.touched)
        )
        journal.changes.append(.created(node.path, parent: parent.path))
        attach(node, to: parent)
        parent.creations &+= 1
        (parent.pzxid, parent.touched) = (journal.zxid, journal.zxid)
    }

    /// Takes a node without children away; the caller has checked everything.
    mutating func remove(_ node: ZNode, from parent: ZNode, _ journal: inout Journal) {
        journal.steps.append(
            .removed(
                node,
                parent: parent,
                parentPzxid: parent.pzxid,
                parentTouched: parent.touched
            )
        )
        journal.changes.append(.deleted(node.path, parent: parent.path))
        detach(node, from: parent)
        (parent.pzxid, parent.touched) = (journal.zxid, journal.zxid)
    }

    /// Takes back all steps, the last one first, and with them every counter.
    mutating func undo(_ journal: Journal) {
        for step in journal.steps.reversed() {
            switch step {
            case .inserted(let node, let pzxid, let touched):
                guard let parent = node.parent else { continue }
                detach(node, from: parent)
                parent.creations &-= 1
                (parent.pzxid, parent.touched) = (pzxid, touched)
            case .removed(let node, let parent, let pzxid, let touched):
                attach(node, to: parent)
                (parent.pzxid, parent.touched) = (pzxid, touched)
            case .dataSet(let node, let data, let version, let mzxid, let mtime, let touched):
                replaceData(of: node, with: data)
                (node.version, node.mzxid, node.mtime) = (version, mzxid, mtime)
                node.touched = touched
            case .aclSet(let node, let acl, let version, let touched):
                (node.acl, node.aversion, node.touched) = (acl, version, touched)
            }
        }
    }

    /// Keeps the count of bytes right.
    mutating func replaceData(of node: ZNode, with data: [UInt8]?) {
        contentBytes += (data?.count ?? 0) - (node.data?.count ?? 0)
        node.data = data
    }

    private mutating func attach(_ node: ZNode, to parent: ZNode) {
        node.parent = parent
        parent.append(child: node)
        nodes[PathKey(node.path)] = node
        contentBytes += node.path.utf8.count + (node.data?.count ?? 0)
        guard case .ephemeral(let session) = node.kind else { return }
        sessions[session]?.append(ephemeral: node)
        ephemeralCount += 1
    }

    private mutating func detach(_ node: ZNode, from parent: ZNode) {
        node.parent = nil
        parent.remove(child: node)
        nodes[PathKey(node.path)] = nil
        contentBytes -= node.path.utf8.count + (node.data?.count ?? 0)
        guard case .ephemeral(let session) = node.kind else { return }
        sessions[session]?.remove(ephemeral: node)
        ephemeralCount -= 1
    }
}
