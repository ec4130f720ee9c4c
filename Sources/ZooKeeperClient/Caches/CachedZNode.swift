public import ZooKeeperProtocol

/// A znode as a cache has it.
public struct CachedZNode: Equatable, Sendable {
    /// Absolute.
    public let path: String
    /// What it holds; nil where null is stored, or where it may not be read.
    public let data: [UInt8]?
    /// As read with the data: its counts of children are of that moment.
    public let stat: Stat

    /// The last component of the path.
    public var name: String { ZNodePath.name(of: path) }
}

/// What happened to a cache.
public enum CacheChange: Equatable, Sendable {
    /// All that there was has been read; told once.
    case initialized
    /// A znode is there that was not.
    case created(CachedZNode)
    /// A znode has other data.
    case changed(CachedZNode, from: CachedZNode)
    /// A znode is gone; this is how it was.
    case deleted(CachedZNode)
    /// After a reconnect, an expiry or an overflow all was compared; what had changed has been told.
    case resynced
    /// Changes came faster than they were read, and some were dropped: the cache itself has them.
    case overflow
}

extension CacheChange: Overflowing {
    var isMarker: Bool { self == .overflow }
}
