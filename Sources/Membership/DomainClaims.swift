import ServiceModel

/// Which znode speaks for a domain when several applications claim it: the oldest.
struct DomainClaims: Sendable {
    private struct Claimant {
        let czxid: Int64
        let path: String
    }

    /// Claimants by domain, the winner first; nearly always one.
    private var claimants: [ServiceName: [Claimant]] = [:]

    /// Path of the znode that speaks for the domain.
    func winner(of domain: ServiceName) -> String? { claimants[domain]?.first?.path }

    /// A znode claims the domain.
    ///
    /// - Returns: True when it did not before.
    mutating func set(_ domain: ServiceName, path: String, czxid: Int64) -> Bool {
        let isNew = !remove(domain, path: path)
        var all = claimants[domain] ?? []
        all.append(Claimant(czxid: czxid, path: path))
        all.sort { ($0.czxid, $0.path) < ($1.czxid, $1.path) }
        claimants[domain] = all
        return isNew
    }

    /// A znode claims the domain no more.
    ///
    /// - Returns: True when it did.
    @discardableResult
    mutating func remove(_ domain: ServiceName, path: String) -> Bool {
        guard var all = claimants[domain], let index = all.firstIndex(where: { $0.path == path })
        else { return false }
        all.remove(at: index)
        claimants[domain] = all.isEmpty ? nil : all
        return true
    }
}
