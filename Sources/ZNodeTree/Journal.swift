import ServiceModel
import ZooKeeperProtocol

/// What the operations of one zxid did so far: enough to undo them, and to fire the watches in order.
struct Journal {
    /// One change of the tree, with what it replaced.
    enum Step {
        case inserted(ZNode, parent: ZNode, parentPzxid: Int64, parentTouched: Int64)
        case removed(ZNode, parent: ZNode, parentPzxid: Int64, parentTouched: Int64)
        case dataSet(ZNode, [UInt8]?, version: Int32, mzxid: Int64, mtime: Int64, touched: Int64)
        case aclSet(ZNode, AccessList, version: Int32, touched: Int64)
        case counted(ZNode, [UInt8]?, touched: Int64)
    }

    /// What nodes are stamped with.
    let zxid: Int64
    let time: UnixTime
    var steps: [Step]
    private(set) var excesses: [QuotaExcess] = []

    /// Begins with the memory that the steps of another one had.
    init(zxid: Int64, time: UnixTime, _ spareSteps: inout [Step]) {
        (self.zxid, self.time, steps) = (zxid, time, [])
        swap(&steps, &spareSteps)
    }

    /// Gives the memory back, unless it was very much.
    mutating func end(_ spareSteps: inout [Step]) {
        steps.removeAll(keepingCapacity: steps.capacity <= Limits.stepsKept)
        swap(&steps, &spareSteps)
    }

    /// Of several excesses of one limit the last is kept.
    mutating func add(_ excess: QuotaExcess) {
        excesses.removeAll { $0.path == excess.path && $0.measure == excess.measure }
        if excesses.count < Limits.excessesMax { excesses.append(excess) }
    }
}

extension ZNodeTree {
    /// Adds a node below its parent; the caller has checked everything.
    mutating func insert(_ node: ZNode, below parent: ZNode, _ journal: inout Journal) {
        journal.steps.append(
            .inserted(
                node,
                parent: parent,
                parentPzxid: parent.pzxid,
                parentTouched: parent.touched
            )
        )
        attach(node, to: parent)
        parent.creations &+= 1
        (parent.pzxid, parent.touched) = (journal.zxid, journal.zxid)
        reconsider(node)
        reconsider(parent)
        let bytes = Int64(node.data?.count ?? 0)
        if !quotas.isEmpty { fillStatistics(node) }
        if let quota = quota(for: node) { count(bytes, nodes: 1, in: quota, &journal) }
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
        detach(node, from: parent)
        (parent.pzxid, parent.touched) = (journal.zxid, journal.zxid)
        reconsider(node)
        reconsider(parent)
        guard let quota = node.hasQuota ? quota(for: node) : quota(for: parent) else { return }
        count(-Int64(node.data?.count ?? 0), nodes: -1, in: quota, &journal)
    }

    /// Takes back all steps, the last one first, and with them every counter.
    mutating func undo(_ journal: Journal) {
        for step in journal.steps.reversed() {
            switch step {
            case .inserted(let node, let parent, let pzxid, let touched):
                detach(node, from: parent)
                parent.creations &-= 1
                (parent.pzxid, parent.touched) = (pzxid, touched)
                reconsider(node)
                reconsider(parent)
            case .removed(let node, let parent, let pzxid, let touched):
                attach(node, to: parent)
                (parent.pzxid, parent.touched) = (pzxid, touched)
                reconsider(node)
                reconsider(parent)
            case .dataSet(let node, let data, let version, let mzxid, let mtime, let touched):
                replaceData(of: node, with: data)
                (node.version, node.mzxid, node.mtime) = (version, mzxid, mtime)
                node.touched = touched
                reconsider(node)
            case .aclSet(let node, let access, let version, let touched):
                setAccess(of: node, to: access)
                (node.aversion, node.touched) = (version, touched)
            case .counted(let node, let data, let touched):
                replaceData(of: node, with: data)
                node.touched = touched
            }
        }
    }

    /// Keeps the counts of bytes right.
    mutating func replaceData(of node: ZNode, with data: [UInt8]?) {
        let difference = (data?.count ?? 0) - (node.data?.count ?? 0)
        node.data = data
        guard difference != 0 else { return }
        contentBytes += difference
        addWeight(ZNode.Weight(nodes: 0, bytes: difference), above: node)
    }

    /// Keeps the table of lists right.
    mutating func setAccess(of node: ZNode, to access: AccessList) {
        accessLists.add(access)
        accessLists.remove(node.access)
        node.access = access
    }

    /// - Complexity: O(depth), at most `Limits.weighedLevelsMax` steps.
    private func addWeight(_ weight: ZNode.Weight, above node: ZNode) {
        var next = node.weighedParent
        while let here = next {
            let branch = here.grown
            branch.below.nodes += weight.nodes
            branch.below.bytes += weight.bytes
            next = here.weighedParent
        }
    }

    /// Puts a node into all lists and counts that it belongs to.
    mutating func attach(_ node: ZNode, to parent: ZNode) {
        node.parent = parent
        parent.append(child: node)
        nodes.insert(node)
        accessLists.add(node.access)
        contentBytes += node.path.utf8.count + (node.data?.count ?? 0)
        addWeight(node.weight, above: node)
        noticeQuota(of: node)
        guard case .ephemeral(let session) = node.kind else { return }
        sessions[session]?.append(ephemeral: node)
        ephemeralCount += 1
    }

    /// Takes a node without children out of all lists and counts.
    mutating func detach(_ node: ZNode, from parent: ZNode) {
        forgetQuota(of: node)
        // Only what has no children goes, so its weight is its own.
        let weight = ZNode.Weight(nodes: -1, bytes: -(node.data?.count ?? 0))
        addWeight(weight, above: node)
        node.parent = nil
        parent.remove(child: node)
        nodes.remove(node)
        accessLists.remove(node.access)
        contentBytes -= node.path.utf8.count + (node.data?.count ?? 0)
        guard case .ephemeral(let session) = node.kind else { return }
        sessions[session]?.remove(ephemeral: node)
        ephemeralCount -= 1
    }
}
