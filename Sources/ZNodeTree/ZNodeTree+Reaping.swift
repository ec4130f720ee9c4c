public import ServiceModel
import ZooKeeperProtocol

/// Nodes that go by themselves: containers that have had children and have none, and TTL nodes without children
/// that nobody changed for their time (ZooKeeper 3.8 ContainerManager).
///
/// A queue has exactly those, the containers first and then the TTL nodes by the moment when they are due, so
/// that nobody ever looks for them. A container that never had a child stays, as in 3.8 by default.
extension ZNodeTree {
    /// Nodes that are due now, or will be if nothing happens to them.
    public var reapableCount: Int { reapable.count }

    /// Deletes one node that is due; call again until it returns nil.
    ///
    /// - Parameter time: TTL nodes whose time was over before it are due.
    /// - Returns: What the deletion did, at a zxid of its own; nil when nothing is due.
    /// - Complexity: O(log n) in the nodes that wait, O(depth).
    public mutating func reapNext(at time: UnixTime) -> Outcome? {
        guard let due = reapable.next, due < time.milliseconds,
            let node = reapable.first, let parent = node.parent
        else { return nil }
        var journal = Journal(zxid: lastZxid &+ 1, time: time, &spareSteps)
        defer { journal.end(&spareSteps) }
        remove(node, from: parent, &journal)
        return committed(journal, .empty)
    }

    /// Something about a node has changed: it may go from now on, later, or not any more.
    mutating func reconsider(_ node: ZNode) {
        guard let due = Self.due(node) else {
            if node.queueIndex >= 0 { reapable.remove(node) }
            return
        }
        reapable.set(node, due: due)
    }

    /// Milliseconds since 1970 after which the node goes; nil when it stays.
    static func due(_ node: ZNode) -> Int64? {
        guard node.parent != nil, node.childCount == 0 else { return nil }
        switch node.kind {
        case .persistent, .ephemeral: return nil
        case .container: return node.creations > 0 ? .min : nil
        case .ttl(let milliseconds):
            let (due, isTooLate) = node.mtime.addingReportingOverflow(milliseconds)
            return isTooLate ? .max : due
        }
    }
}
