/// The kinds of znode a create can make: its `flags` field (ZooKeeper 3.8 CreateMode).
public enum CreateMode: Int32, CaseIterable, Sendable {
    /// Stays until it is deleted.
    case persistent = 0
    /// Goes with the session that made it; has no children.
    case ephemeral = 1
    /// Persistent, with a ten digit number behind its name.
    case persistentSequential = 2
    /// Ephemeral, with a ten digit number behind its name.
    case ephemeralSequential = 3
    /// Goes some time after its last child went.
    case container = 4
    /// Goes when it has no children and was not changed for a time.
    case persistentTTL = 5
    /// As `persistentTTL`, with a ten digit number behind its name.
    case persistentSequentialTTL = 6

    /// True when the session owns the znode.
    public var isEphemeral: Bool { self == .ephemeral || self == .ephemeralSequential }

    /// True when the parent's count of creations is put behind the name.
    public var isSequential: Bool {
        self == .persistentSequential || self == .ephemeralSequential
            || self == .persistentSequentialTTL
    }

    /// True when the request has to say how long the znode lives unused.
    public var hasTTL: Bool { self == .persistentTTL || self == .persistentSequentialTTL }
}
