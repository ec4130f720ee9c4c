import ServiceModel
import ZooKeeperProtocol

/// Nodes that go by themselves: containers that have had children, TTL nodes left alone for their time.
extension ReferenceServer {
    func canGo(_ path: PlainPath, _ time: UnixTime) -> Bool {
        guard let node = tree.nodes[path], node.isContainer || node.ttl != nil,
            tree.children(path.description).isEmpty
        else { return false }
        if let ttl = node.ttl { return time.milliseconds - node.mtime > ttl }
        return node.creations > 0
    }

    mutating func reap(_ path: PlainPath) {
        tree.remove(path, zxid: changed())
        remember()
    }

    /// Watchers are told; in which order the nodes went is not known, so the events may come in any.
    mutating func tellOfReaped(first: Int64) {
        tell(tree.takeChanges(), shows: first, due: lastZxid)
    }
}
