/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Watches of all connections together.
    ///
    /// About 150 bytes each, so at most 600 MB; one more is answered THROTTLEDOP.
    static let watchesMax = 4_000_000
    /// Sessions alive at once.
    ///
    /// 2,000 new ones a second for the longest timeout of 40 s, twice; about 300 bytes each.
    static let sessionsMax = 160_000
    /// Longest life of an unused TTL znode: ZooKeeper 3.8 EphemeralType keeps 40 bits of milliseconds.
    static let ttlMillisecondsMax: Int64 = 1 << 40 - 1
}
