import ServiceModel
import ZooKeeperProtocol

/// DDNS domains: lists in their znodes and in ephemeral znodes below; of several claimants one counts.
extension AggregatorEngine {
    mutating func readDomain(
        _ leaf: Leaf,
        of domain: ServiceName,
        _ entries: [Leaf.Entry],
        _ fault: Leaf.Fault?
    ) {
        let path = leaf.origin.path
        let old = leaf.entries
        leaves[path] = leaf
        leaves[path]?.content = .list(entries, fault)
        let before = domains.winner(of: domain)
        let isNew = domains.set(domain, path: path, czxid: leaf.origin.czxid)
        if isNew { ledger.appear(domain, at: now.time) }
        let after = domains.winner(of: domain)
        if before == after {
            if after == path { replace(old, by: entries, of: domain, at: leaf.origin) }
        } else {
            if let after { claimAll(after, of: domain) }
            if let before {
                releaseAll(before, of: domain, before == path ? old : nil, reason: .replaced)
                showFault(of: before, domain)
            }
        }
        for list in isNew ? lists(of: path) : [path] { showFault(of: list, domain) }
        if let after { showFault(of: after, domain) }
    }

    mutating func readEntry(
        _ leaf: Leaf,
        of domain: ServiceName,
        below domainPath: String,
        _ entries: [Leaf.Entry],
        _ fault: Leaf.Fault?
    ) {
        let path = leaf.origin.path
        leaves[path] = leaf
        leaves[path]?.content = .list(entries, fault)
        if domains.winner(of: domain) == domainPath {
            replace(leaf.entries, by: entries, of: domain, at: leaf.origin)
        }
        showFault(of: path, domain)
    }

    /// A list that was read is gone.
    mutating func releaseList(
        _ leaf: Leaf,
        _ entries: [Leaf.Entry],
        of domain: ServiceName,
        reason: Departure
    ) {
        if case .entry = leaf.place {
            release(entries, of: domain, path: leaf.origin.path, reason: reason)
            return
        }
        let before = domains.winner(of: domain)
        domains.remove(domain, path: leaf.origin.path)
        let after = domains.winner(of: domain)
        if before != after {
            if let after { claimAll(after, of: domain) }
            release(entries, of: domain, path: leaf.origin.path, reason: reason)
            if let after { showFault(of: after, domain) }
        }
        ledger.vanish(domain, at: now.time)
    }

    /// Claims a domain's list and those of the znodes below it.
    private mutating func claimAll(_ domainPath: String, of domain: ServiceName) {
        for path in lists(of: domainPath) {
            guard let leaf = leaves[path] else { continue }
            replace([], by: leaf.entries, of: domain, at: leaf.origin)
        }
    }

    /// Takes those claims back.
    private mutating func releaseAll(
        _ domainPath: String,
        of domain: ServiceName,
        _ entries: [Leaf.Entry]?,
        reason: Departure
    ) {
        for path in lists(of: domainPath) {
            guard let leaf = leaves[path] ?? departingLeaves[path] else { continue }
            let claimed = path == domainPath ? entries ?? leaf.entries : leaf.entries
            release(claimed, of: domain, path: path, reason: reason)
        }
    }

    private func lists(of domainPath: String) -> [String] {
        [domainPath] + (directories[domainPath]?.children.keys.sorted() ?? [])
    }

    private mutating func replace(
        _ old: [Leaf.Entry],
        by entries: [Leaf.Entry],
        of domain: ServiceName,
        at origin: Instance.Origin
    ) {
        for entry in entries { ledger.claim(instance(entry, of: domain, at: origin), at: now.time) }
        guard !old.isEmpty else { return }
        let kept = Set(entries.map(\.endpoint))
        let gone = old.filter { !kept.contains($0.endpoint) }
        release(gone, of: domain, path: origin.path, reason: .replaced)
    }

    private mutating func release(
        _ entries: [Leaf.Entry],
        of domain: ServiceName,
        path: String,
        reason: Departure
    ) {
        for entry in entries {
            let id = InstanceID(service: domain, endpoint: entry.endpoint)
            ledger.release(id, path: path, reason: reason, at: now.time)
        }
    }

    private func instance(
        _ entry: Leaf.Entry,
        of domain: ServiceName,
        at origin: Instance.Origin
    ) -> Instance {
        var origin = origin
        origin.mzxid = entry.mzxid
        let application: String?
        if case .entry(_, let domainPath) = layout.place(of: origin.path) {
            application = ZNodePath.parent(of: domainPath)
        } else {
            application = ZNodePath.parent(of: origin.path)
        }
        return Instance(
            id: InstanceID(service: domain, endpoint: entry.endpoint),
            application: application.map(ZNodePath.name) ?? "",
            state: State(.up, since: entry.since, why: "listed"),
            origin: origin
        )
    }

    /// Puts among the rejections, or takes from them, what is wrong with a list.
    private mutating func showFault(of path: String, _ domain: ServiceName) {
        guard let leaf = leaves[path], case .list(_, var fault) = leaf.content,
            let winner = domains.winner(of: domain)
        else { return }
        if case .domain = leaf.place, winner != path {
            fault = Leaf.Fault(offender: domain.name, reason: "\(winner) claimed the domain before")
        }
        guard let fault else {
            ledger.endRejection(path: path, of: domain, at: now.time)
            return
        }
        ledger.reject(
            path: path,
            of: domain,
            offender: fault.offender,
            reason: fault.reason,
            at: now.time
        )
    }
}
