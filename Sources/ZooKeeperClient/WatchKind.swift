/// The kinds of watches that a client can take back, as ZooKeeper's removal events tell them apart.
public enum WatchKind: Hashable, Sendable, CaseIterable {
    /// Set by reading data or by asking whether a znode exists.
    case data
    /// Set by listing children.
    case children
    /// Set by `addWatch`, with or without descendants.
    case persistent
}
