/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Watches of all connections together.
    ///
    /// About 150 bytes each, so at most 600 MB; one more is answered THROTTLEDOP.
    static let watchesMax = 4_000_000
    /// Bytes of the paths of all watches, each counted for every watch on it.
    ///
    /// 64 bytes for each of the watches above; a path alone may have 1 MiB.
    static let watchPathBytesMax = 256 << 20
    /// Sessions alive at once.
    ///
    /// 2,000 new ones a second for the longest timeout of 40 s, twice; about 300 bytes each.
    static let sessionsMax = 160_000
    /// Bytes of names and data in the answer to one multiRead, after which its parts are refused.
    ///
    /// One request of 1 MiB can name a node of 1 MiB 60,000 times; clients refuse answers over 1 to 64 MiB.
    static let multiReadBytesMax = 16 << 20
    /// Entries of one access list, `auth` counted as the identities that it stands for.
    ///
    /// Each is compared at every access, an address in about 0.3 microseconds: 0.1 ms for all. Lists that
    /// people make have a handful; a request of 1 MiB has room for 45,000, and with `auth` for 64 times that.
    static let aclEntriesMax = 256
    /// An entry of an access list counts as so many bytes of the answer to a multiRead: 260,000 at most.
    static let aclEntryBytes = 64
    /// Longest text of a quota's nodes that is understood; the longest that ZooKeeper writes has 140 bytes.
    static let quotaTextBytesMax = 1_024
    /// Excesses that one request tells of; a multi of 1 MiB can have 20,000, of as many quotas.
    static let excessesMax = 16
    /// Levels of the tree whose nodes know at once how much is below them; deeper ones are counted when asked.
    ///
    /// Each change goes up so many at most, 1 microsecond; real trees have some ten levels, and a path of
    /// 1 MiB can have 500,000.
    static let weighedLevelsMax = 64
    /// Watches that are taken out with their connection at once, about 0.2 ms; more of them are taken out bit by bit.
    static let watchesDroppedAtOnce = 256
    /// Bytes of paths above a change, looked up for watches, that take as long as a small request.
    static let pathBytesPerStep = 4_096
    /// Deep nodes counted that take as long as a small request, 1 to 2 microseconds.
    static let nodesWeighedPerStep = 32
    /// Longest life of an unused TTL znode: ZooKeeper 3.8 EphemeralType keeps 40 bits of milliseconds.
    static let ttlMillisecondsMax: Int64 = 1 << 40 - 1
    /// Bytes of records whose memory is kept for the next ones; a single record can have 9 MiB.
    ///
    /// A loop takes over what 256 requests of 4 KiB recorded.
    static let recordedBytesKept = 1 << 20
    /// Steps whose memory is kept for the next change: 64 KiB.
    static let stepsKept = 1_024
}
