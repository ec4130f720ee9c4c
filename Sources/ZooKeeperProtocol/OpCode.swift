/// What a request asks for: the `type` field of its header (ZooKeeper 3.8 ZooDefs.OpCode).
///
/// The numbers that only ensembles or transaction logs use are left out, except for those that a client
/// could send to do harm; `isClientRequest` tells them apart.
public enum OpCode: Int32, CaseIterable, Sendable {
    /// Never sent by anyone.
    case notification = 0
    /// Makes a znode; answers with its path.
    case create = 1
    /// Removes a znode without children.
    case delete = 2
    /// Reads a znode's Stat.
    case exists = 3
    /// Reads a znode's data.
    case getData = 4
    /// Replaces a znode's data.
    case setData = 5
    /// Reads a znode's access list.
    case getACL = 6
    /// Replaces a znode's access list.
    case setACL = 7
    /// Lists a znode's children.
    case getChildren = 8
    /// Waits until the server has applied everything committed before.
    case sync = 9
    /// Keeps the session alive.
    case ping = 11
    /// Lists a znode's children and reads its Stat.
    case getChildren2 = 12
    /// Compares a znode's version; part of a multi.
    case check = 13
    /// Several writes, all or nothing.
    case multi = 14
    /// Makes a znode; answers with its path and Stat.
    case create2 = 15
    /// Changes an ensemble's membership.
    case reconfig = 16
    /// Asks whether a watch is set.
    case checkWatches = 17
    /// Takes watches back.
    case removeWatches = 18
    /// Makes a container znode.
    case createContainer = 19
    /// Internal to servers: removes an empty container.
    case deleteContainer = 20
    /// Makes a znode that vanishes when unused for a time.
    case createTTL = 21
    /// Several reads, each by itself.
    case multiRead = 22
    /// Adds a credential to the connection.
    case auth = 100
    /// Sets the watches of an earlier connection again.
    case setWatches = 101
    /// A token of a SASL exchange; not served.
    case sasl = 102
    /// Lists the session's own ephemerals.
    case getEphemerals = 103
    /// Counts all descendants.
    case getAllChildrenNumber = 104
    /// As `setWatches`, with persistent watches.
    case setWatches2 = 105
    /// Sets a persistent watch.
    case addWatch = 106
    /// Lists the connection's identities.
    case whoAmI = 107
    /// Internal to servers: makes a session.
    case createSession = -10
    /// Ends the session.
    case closeSession = -11
    /// Marks an error, or the end, in a multi.
    case error = -1

    /// True for what `Request` can be decoded from; the rest is answered UNIMPLEMENTED.
    public var isClientRequest: Bool {
        switch self {
        case .notification, .deleteContainer, .sasl, .createSession, .error: false
        default: true
        }
    }
}
