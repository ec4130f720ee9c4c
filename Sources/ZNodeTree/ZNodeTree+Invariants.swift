import ZooKeeperProtocol

#if DEBUG
extension ZNodeTree {
    /// Traps with a sentence unless every list, counter and table agrees with the others.
    ///
    /// - Complexity: O(everything); for tests and simulations.
    public func checkInvariants() {
        var (bytes, ephemerals, reachable) = (0, 0, 0)
        var lists: [ObjectIdentifier: Int] = [:]
        nodes.checkInvariants()
        nodes.forEachNode { node in
            let path = node.path
            precondition(node.key == PathKey(path), "\(path) has another hash")
            if node.access !== accessLists.open {
                lists[ObjectIdentifier(node.access), default: 0] += 1
                precondition(accessLists.list(node.acl) === node.access, "\(path): its own list")
            }
            bytes += path.utf8.count + (node.data?.count ?? 0)
            reachable += node.children.count
            var weight = ZNode.Weight(nodes: 1, bytes: node.data?.count ?? 0)
            for child in node.children where node.level <= Limits.weighedLevelsMax {
                let below = measured(child)
                weight.nodes += below.nodes
                weight.bytes += below.bytes
            }
            precondition(node.level == (node.parent?.level ?? -1) + 1, "\(path): level")
            precondition(node.weight == weight, "\(path): \(node.weight), not \(weight)")
            precondition(
                (Self.due(node) != nil) == (node.queueIndex >= 0),
                "\(path) is misplaced among those that go by themselves"
            )
            let hasQuota = quotas[PathKey(path)]?.isActive ?? false
            precondition(node.hasQuota == hasQuota, "\(path): quota \(node.hasQuota)")
            precondition(node.touched <= lastZxid, "\(path) touched at \(node.touched)")
            precondition(node.pzxid >= node.czxid, "\(path): pzxid before czxid")
            for (index, child) in node.children.enumerated() {
                precondition(child.parent === node, "\(child.path) is not at home in \(path)")
                precondition(child.indexInParent == index, "\(child.path) is misplaced")
                precondition(ZNodePath.join(path, String(child.name)) == child.path, child.path)
            }
            if let names = node.branch?.encodedNames {
                let now = EncodedNames(node.children.map(\.name))
                precondition(names.bytes == now.bytes, "names of \(path) are out of date")
            }
            guard case .ephemeral(let id) = node.kind else { return }
            ephemerals += 1
            precondition(node.children.isEmpty, "ephemeral \(path) has children")
            let owned = sessions[id]?.ephemerals ?? []
            precondition(owned.indices.contains(node.indexInOwner), "\(path) has no owner")
            precondition(owned[node.indexInOwner] === node, "\(path) is not its owner's")
        }
        precondition(lists.count == accessLists.count, "\(accessLists.count) access lists")
        nodes.forEachNode { node in
            guard node.access !== accessLists.open else { return }
            let uses = lists[ObjectIdentifier(node.access)]
            precondition(uses == node.access.uses, "\(node.path): uses of its access list")
        }
        precondition(reachable == nodes.count - 1, "\(reachable) reachable of \(nodes.count)")
        precondition(bytes == contentBytes, "\(bytes) bytes, counted \(contentBytes)")
        precondition(ephemerals == ephemeralCount, "\(ephemerals), counted \(ephemeralCount)")
        let owned = sessions.values.reduce(0) { $0 + $1.ephemerals.count }
        precondition(owned == ephemerals, "\(owned) owned of \(ephemerals) ephemerals")
        for session in sessions.values {
            guard let due = expiry.due(session) else {
                preconditionFailure("session \(session.id) never expires")
            }
            precondition(due <= session.deadline, "session \(session.id) expires late")
        }
        precondition(expiry.count == sessions.count, "\(expiry.count) may expire")
        expiry.checkInvariants()
        reapable.checkInvariants()
        dataWatches.checkInvariants()
        childWatches.checkInvariants()
    }
}
#endif
