import ZooKeeperProtocol

/// How long an answer will be, before it is made.
extension ZNodeTree {
    /// About how many bytes the data of a node take in an answer; 0 for none.
    ///
    /// - Complexity: O(bytes of the path).
    public func dataBytes(of path: String) -> Int { node(path)?.data?.count ?? 0 }

    /// About how many bytes the names of a node's children take in an answer; 0 for none.
    ///
    /// The first name stands for all: siblings are mostly named alike.
    ///
    /// - Complexity: O(bytes of the path).
    public func listingBytes(of path: String) -> Int {
        guard let children = node(path)?.children, let first = children.first else { return 0 }
        return children.count * (first.nameBytes + 4)
    }

    /// What there is of a node and all below.
    ///
    /// - Complexity: O(1), and O(nodes below) for a node deeper than `Limits.weighedLevelsMax`.
    mutating func weigh(_ node: ZNode) -> ZNode.Weight {
        let weight = measured(node)
        if node.level > Limits.weighedLevelsMax {
            effort += weight.nodes / Limits.nodesWeighedPerStep
        }
        return weight
    }

    /// As `weigh`, for starts and checks; `known` are weights of nodes with a quota.
    func measured(
        _ node: ZNode,
        _ known: [ObjectIdentifier: ZNode.Weight] = [:]
    ) -> ZNode.Weight {
        guard node.level > Limits.weighedLevelsMax else { return node.weight }
        var (weight, left) = (ZNode.Weight(nodes: 0, bytes: 0), [node])
        while let next = left.popLast() {
            let all = next.hasQuota ? known[ObjectIdentifier(next)] : nil
            weight.nodes += (all ?? next.weight).nodes
            weight.bytes += (all ?? next.weight).bytes
            if all == nil { left += next.children }
        }
        return weight
    }
}
