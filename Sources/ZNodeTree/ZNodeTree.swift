import ServiceModel
import ZooKeeperProtocol

/// ZooKeeper's tree as a deterministic machine: nodes, sessions with their ephemerals, and watches.
///
/// Step of the data flow: behind the server's connections and in front of nothing; a request goes in with its
/// caller and the time, and an `Outcome` comes out that has the answer and who is to be told. No I/O, no clock, no
/// randomness: the same inputs in the same order give the same outputs. Nodes are objects, so that a change
/// costs the same in a list of three and of 100,000; the tree is therefore not copyable. Invariants are in
/// `checkInvariants()`. Owner: the server's engine, on its event loop.
public struct ZNodeTree: ~Copyable {
    /// zxid of the last change.
    public internal(set) var lastZxid: Int64
    var nodes = NodeTable()
    let root: ZNode
    var accessLists = AccessLists()
    var sessions: [Int64: Session] = [:]
    /// When which session has to be looked at; a heartbeat does not move it, see `touchSession`.
    var expiry = DueQueue<Instant, Session>()
    var dataWatches = WatchTable()
    var childWatches = WatchTable()
    /// Bytes of all data and paths.
    var contentBytes = 0
    var ephemeralCount = 0
    /// How often a list of children was encoded for its readers.
    public internal(set) var listsEncoded = 0
    /// By the path that is limited.
    var quotas: [PathKey: Quota] = [:]
    /// Hard limits of quotas refuse changes; otherwise they warn like the others.
    public var enforcesQuotas: Bool
    /// The memory of the last change's steps, for the next one's.
    var spareSteps: [Journal.Step] = []
    /// What was done so far beyond one small step a request, in such steps.
    ///
    /// Parts of a multi, nodes counted, watches looked up. Servers that take turns between clients go by it.
    public internal(set) var effort = 0
    /// Nodes that go by themselves, by milliseconds since 1970.
    var reapable = DueQueue<Int64, ZNode>()

    /// True when every committed change leaves its record in `recorded`.
    public let isRecording: Bool
    /// Longest record in bytes; what would need a longer one fails, which a multi alone can.
    public var recordBytesMax = Int.max
    /// The greatest id that a session had, alive or not.
    public internal(set) var greatestSession: Int64 = 0
    /// Records of changes, to be taken over and emptied by whoever writes the log.
    public var recorded = RecordedChanges()

    /// Creates a tree with nothing but ZooKeeper's built-in nodes.
    ///
    /// - Parameters:
    ///   - zxid: The first change gets the next one; above all that clients may have seen.
    ///   - enforcesQuotas: Hard limits of quotas refuse changes; otherwise they warn like the others.
    ///   - isRecording: Every committed change leaves its record in `recorded`.
    public init(zxid: Int64 = 0, enforcesQuotas: Bool = false, isRecording: Bool = false) {
        (lastZxid, self.enforcesQuotas, self.isRecording) = (zxid, enforcesQuotas, isRecording)
        let open = accessLists.open
        root = ZNode(builtIn: ZNodePath.root, below: nil, open)
        let zookeeper = ZNode(builtIn: BuiltIn.zookeeper, below: root, open)
        let quota = ZNode(builtIn: BuiltIn.quota, below: zookeeper, open)
        let readers = accessLists.list(ACL.readUnsafe)
        let config = ZNode(builtIn: BuiltIn.config, below: zookeeper, readers)
        // As a fresh ZooKeeper 3.8 shows it.
        config.aversion = -1
        for node in [root, zookeeper, quota, config] {
            nodes.insert(node)
            accessLists.add(node.access)
            contentBytes += node.path.utf8.count
        }
    }

    /// Takes the lists apart, or freeing the root of a deep tree would recurse once a level.
    deinit { nodes.forEachNode { $0.isolate() } }

    /// Nodes, the built-in ones included.
    public var nodeCount: Int { nodes.count }
    /// Sessions alive.
    public var sessionCount: Int { sessions.count }
    /// Ephemerals of all sessions.
    public var ephemeralNodeCount: Int { ephemeralCount }
    /// Registrations in both tables.
    public var watchCount: Int { dataWatches.count + childWatches.count }
    /// Bytes of their paths.
    var watchPathBytes: Int { dataWatches.pathBytes + childWatches.pathBytes }
    /// Bytes of all data and paths.
    public var approximateDataSize: Int { contentBytes }

    /// Paths that no request may delete.
    enum BuiltIn {
        static let zookeeper = "/zookeeper"
        static let quota = "/zookeeper/quota"
        static let config = "/zookeeper/config"

        /// - Complexity: O(1) for nearly every path.
        static func contains(_ path: String) -> Bool {
            guard path.utf8.count <= config.utf8.count else { return false }
            switch path {
            case ZNodePath.root, zookeeper, quota, config: return true
            default: return false
            }
        }
    }

    /// The node at a path; an empty path is the root, as in ZooKeeper.
    func node(_ path: String) -> ZNode? { path.isEmpty ? root : nodes.find(path) }
}

extension ZNode {
    /// One of the nodes that are there from the start; not counted as a creation of its parent.
    fileprivate convenience init(builtIn path: String, below parent: ZNode?, _ access: AccessList) {
        var hash = PathHash()
        self.init(
            path: path,
            hash: hash.advance(to: path.utf8.count, of: path),
            kind: .persistent,
            parent: parent,
            data: [],
            access: access,
            zxid: 0,
            milliseconds: 0
        )
        parent?.append(child: self)
        var above = parent
        while let node = above {
            node.grown.below.nodes += 1
            above = node.parent
        }
    }
}
