/// One path's quota: its two nodes below `/zookeeper/quota`, and what they say.
///
/// Clients make the nodes, the tree knows them by name (ZooKeeper 3.8 Quotas): from the moment that
/// `zookeeper_limits` is there, each change at or below the path is counted in `zookeeper_stats`, unless a quota
/// further down counts it. Only `ZNodeTree` changes it. Invariant: a quota is in the tree's table while it has
/// at least one of its nodes.
final class Quota {
    /// What is limited; empty for the root, whose totals are shown once and never kept.
    let path: String
    var limitsNode: ZNode?
    var statsNode: ZNode?

    init(path: String) { self.path = path }

    /// True while changes are counted.
    var isActive: Bool { limitsNode != nil && !path.isEmpty }

    /// The two kinds of node.
    enum Part {
        case limits
        case stats

        init?(name: Substring) {
            switch name {
            case "zookeeper_limits": self = .limits
            case "zookeeper_stats": self = .stats
            default: return nil
            }
        }
    }
}

/// A change went beyond a quota.
public struct QuotaExcess: Equatable, Sendable {
    /// What is limited.
    public enum Measure: Sendable {
        /// Nodes at and below the path.
        case count
        /// Bytes of their data.
        case bytes
    }

    /// Where the quota is.
    public let path: String
    /// What there is too much of.
    public let measure: Measure
    /// How much there is with the change.
    public let value: Int64
    /// How much there may be.
    public let limit: Int64
    /// True for a limit that refuses where hard limits are enforced; the others only warn.
    public let isHard: Bool
    /// True when the change was refused.
    public let isRefused: Bool
}
