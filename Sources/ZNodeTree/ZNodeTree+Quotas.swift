import ZooKeeperProtocol

/// Quotas: which nodes make them, what is counted, and what is too much (ZooKeeper 3.8 DataTree, ZooKeeperServer.checkQuota).
///
/// One deviation: within a multi each part is measured with the parts before it counted, where 3.8 measures
/// all of them against the figures from before the multi.
///
/// What is counted is not recorded: a change would be as long as the paths of all quotas that it touches. As in
/// 3.8 (DataTree.setupQuota) a start counts anew. Only of statistics whose limits went as an ephemeral, with their
/// session, it shows what was recorded last.
extension ZNodeTree {
    /// The quota that counts what happens at a path: its own, or that of the nearest node above.
    ///
    /// - Complexity: O(1) without quotas, O(depth) with.
    func quota(for node: ZNode) -> Quota? {
        guard !quotas.isEmpty else { return nil }
        var next: ZNode? = node
        while let here = next {
            if here.hasQuota { return quotas[here.key] }
            next = here.parent
        }
        return nil
    }

    /// The quota that will count a node that is not there yet.
    func quota(forNew node: ZNode, below parent: ZNode) -> Quota? {
        guard !quotas.isEmpty else { return nil }
        if let own = quotas[node.key], own.isActive { return own }
        return quota(for: parent)
    }

    /// Measures a create or setData before it is made.
    ///
    /// - Throws: QUOTAEXCEEDED for more than a hard limit, where those are enforced.
    func admit(
        _ bytes: Int64,
        count: Int64,
        to quota: Quota,
        _ journal: inout Journal
    ) throws(ErrorCode) {
        guard let limits = QuotaFigures(quota.limitsNode?.data),
            let usage = QuotaFigures(quota.statsNode?.data)
        else { return }
        func measure(
            _ measure: QuotaExcess.Measure,
            _ value: Int64,
            hard: Int64,
            soft: Int64
        ) throws(ErrorCode) {
            let (isHard, limit) = (hard > -1, hard > -1 ? hard : soft)
            guard limit > -1, value > limit else { return }
            let excess = QuotaExcess(
                path: quota.path,
                measure: measure,
                value: value,
                limit: limit,
                isHard: isHard,
                isRefused: isHard && enforcesQuotas
            )
            journal.add(excess)
            if excess.isRefused { throw .quotaExceeded }
        }
        if count != 0 {
            let value = usage.count &+ count
            try measure(.count, value, hard: limits.countHardLimit, soft: limits.count)
        }
        if bytes != 0 {
            let value = usage.bytes &+ bytes
            try measure(.bytes, value, hard: limits.byteHardLimit, soft: limits.bytes)
        }
    }

    /// Brings a quota's statistics up to date: their data change, but no version and no watch fires.
    mutating func count(_ bytes: Int64, nodes: Int64, in quota: Quota, _ journal: inout Journal) {
        guard let stats = quota.statsNode, var figures = QuotaFigures(stats.data) else { return }
        figures.add(count: nodes, bytes: bytes)
        journal.steps.append(.counted(stats, stats.data, touched: stats.touched))
        replaceData(of: stats, with: figures.data)
        stats.touched = journal.zxid
    }

    /// Counts what there is at and below the path of every quota, once a tree was put back or replayed.
    ///
    /// Statistics that nobody can read are left alone, and so are those without limits.
    ///
    /// - Complexity: O(n log n) in the quotas, O(nodes) deeper than `Limits.weighedLevelsMax`.
    public mutating func countQuotas() {
        var counted: [(quota: Quota, node: ZNode?)] = []
        for quota in quotas.values where quota.isActive {
            counted.append((quota, node(quota.path)))
        }
        // From below, so that no deep node is looked at for each of the quotas above it.
        counted.sort { left, right in
            (left.node?.level ?? 0, left.quota.path) > (right.node?.level ?? 0, right.quota.path)
        }
        var known: [ObjectIdentifier: ZNode.Weight] = [:]
        for (quota, node) in counted {
            let weight = node.map { measured($0, known) } ?? ZNode.Weight(nodes: 0, bytes: 0)
            if let node { known[ObjectIdentifier(node)] = weight }
            guard let stats = quota.statsNode, var figures = QuotaFigures(stats.data) else {
                continue
            }
            figures.set(count: Int64(weight.nodes), bytes: Int64(weight.bytes))
            replaceData(of: stats, with: figures.data)
        }
    }

    // MARK: The nodes of quotas

    /// A node has come: it may make a quota, or be where one is.
    mutating func noticeQuota(of node: ZNode) {
        if let (path, part) = Self.quotaPart(node) {
            let quota = quotas[PathKey(path)] ?? Quota(path: path)
            quotas[PathKey(path)] = quota
            switch part {
            case .limits: quota.limitsNode = node
            case .stats: quota.statsNode = node
            }
            mark(quota)
        }
        if !quotas.isEmpty { node.hasQuota = quotas[node.key]?.isActive ?? false }
    }

    /// A node has gone; with its limits a quota ends.
    mutating func forgetQuota(of node: ZNode) {
        guard let (path, part) = Self.quotaPart(node), let quota = quotas[PathKey(path)] else {
            return
        }
        switch part {
        case .limits: quota.limitsNode = nil
        case .stats: quota.statsNode = nil
        }
        mark(quota)
        if quota.limitsNode == nil, quota.statsNode == nil { quotas[PathKey(path)] = nil }
    }

    /// Statistics that are still there although a node with their limits went; nil for all other nodes.
    func statistics(leftBy node: ZNode) -> ZNode? {
        guard let (path, part) = Self.quotaPart(node), part == .limits else { return nil }
        return quotas[PathKey(path)]?.statsNode
    }

    /// The first text of a new statistics node: what is there now.
    mutating func fillStatistics(_ node: ZNode) {
        guard let (path, part) = Self.quotaPart(node), part == .stats else { return }
        let measured = self.node(path).map { weigh($0) } ?? ZNode.Weight(nodes: 0, bytes: 0)
        let figures = QuotaFigures(count: Int64(measured.nodes), bytes: Int64(measured.bytes))
        replaceData(of: node, with: figures.data)
    }

    private func mark(_ quota: Quota) {
        guard !quota.path.isEmpty else { return }
        node(quota.path)?.hasQuota = quota.isActive
    }

    /// The path that a node of a quota is about; nil for all other nodes.
    private static func quotaPart(_ node: ZNode) -> (path: String, Quota.Part)? {
        guard node.isAboutQuotas, let part = Quota.Part(name: node.name),
            let above = ZNodePath.parent(of: node.path)
        else { return nil }
        return (String(above.dropFirst(BuiltIn.quota.count)), part)
    }
}
