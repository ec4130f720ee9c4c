import Membership
import ServiceModel
import ZooKeeperProtocol

/// A tree with one watching connection, small enough to be obviously right.
///
/// What the server has to say waits in `outbox`, in the one order that is legal: an event stands before
/// every reply that could show its change. Requests wait in `inbox` until they are served.
struct SimulatedRegistry {
    struct Znode: Equatable {
        var data: [UInt8]
        var czxid: Int64
        var mzxid: Int64
        var owner: Int64
        /// Of the last change of its children.
        var pzxid: Int64 = 0
        /// Creations and deletions of children.
        var cversion: Int32 = 0

        mutating func countChange(at zxid: Int64) { (pzxid, cversion) = (zxid, cversion + 1) }
    }

    enum Message {
        case event(WatchEvent)
        case reply(tag: UInt64, Result<Response, ErrorCode>, zxid: Int64)
        case fact(SessionFact)
    }

    private(set) var nodes: [String: Znode] = ["/": Znode(data: [], czxid: 0, mzxid: 0, owner: 0)]
    private(set) var zxid: Int64 = 0
    private var watched: Set<String> = []
    /// Those of the last connection, which the session still has.
    private var keptWatches: Set<String> = []
    private(set) var inbox: [AggregatorEngine.Submission] = []
    private(set) var outbox: [Message] = []
    private(set) var isConnected = false
    /// How often each path was listed on the connection that stands.
    private(set) var listings: [String: Int] = [:]
    /// How often each path was read on it.
    private(set) var reads: [String: Int] = [:]

    init() {}

    /// A tree of which only the znodes matter.
    init(nodes: [String: Znode]) { self.nodes = nodes }

    // MARK: The connection

    mutating func connect() {
        disconnect()
        isConnected = true
    }

    /// The same session on a new connection: its watches are set again before anything is asked.
    mutating func resume() {
        let kept = watched.isEmpty ? keptWatches : watched
        connect()
        watched = kept
    }

    mutating func disconnect() {
        if !watched.isEmpty { keptWatches = watched }
        (watched, inbox, outbox, listings, reads) = ([], [], [], [:], [:])
        isConnected = false
    }

    mutating func submit(_ requests: [AggregatorEngine.Submission]) {
        guard isConnected else { return }
        inbox += requests
    }

    mutating func takeMessages(_ count: Int) -> [Message] {
        let taken = outbox.prefix(count)
        outbox.removeFirst(taken.count)
        return Array(taken)
    }

    /// Serves the oldest request.
    mutating func serve(failing failure: ErrorCode? = nil) {
        guard !inbox.isEmpty else { return }
        let submission = inbox.removeFirst()
        let result = failure.map { .failure($0) } ?? answer(submission.request)
        outbox.append(.reply(tag: submission.tag, result, zxid: zxid))
    }

    private mutating func answer(_ request: Request) -> Result<Response, ErrorCode> {
        switch request {
        case .addWatch(let record):
            watched.insert(record.path)
            return .success(.error(.ok))
        case .getChildren2(let record):
            listings[record.path, default: 0] += 1
            guard let node = nodes[record.path] else { return .failure(.noNode) }
            let names = children(of: record.path).map(ZNodePath.name)
            let response = GetChildren2Response(children: names, stat: stat(node, at: record.path))
            return .success(.children(response))
        case .getData(let record): return data(record.path).map(Response.data)
        case .multiRead(let record):
            let results = record.operations.map { part in
                guard case .getData(let record) = part else {
                    return MultiResponse.Result.error(.unimplemented)
                }
                switch data(record.path) {
                case .success(let response): return .getData(response)
                case .failure(let code): return .error(code)
                }
            }
            return .success(.multi(MultiResponse(results)))
        default: return .failure(.unimplemented)
        }
    }

    private mutating func data(_ path: String) -> Result<GetDataResponse, ErrorCode> {
        reads[path, default: 0] += 1
        guard let node = nodes[path] else { return .failure(.noNode) }
        return .success(GetDataResponse(data: node.data, stat: stat(node, at: path)))
    }

    private func stat(_ node: Znode, at path: String) -> Stat {
        Stat(
            czxid: node.czxid,
            mzxid: node.mzxid,
            ctime: node.czxid * 1_000,
            mtime: node.mzxid * 1_000,
            version: 0,
            cversion: node.cversion,
            aversion: 0,
            ephemeralOwner: node.owner,
            dataLength: Int32(node.data.count),
            numChildren: Int32(children(of: path).count),
            pzxid: max(node.czxid, node.pzxid)
        )
    }

    private mutating func fire(_ kind: WatchEvent.Kind, _ path: String) {
        guard watched.contains(where: { ZNodePath.isSame(path, orBelow: $0) }) else { return }
        outbox.append(.event(WatchEvent(kind, path: path)))
    }

    // MARK: Changes by other clients

    func children(of path: String) -> [String] {
        nodes.keys.filter { ZNodePath.parent(of: $0) == path }.sorted()
    }

    /// A new leader: zxids go on above all that the last one gave out.
    mutating func begin(epoch: Int64) { zxid = epoch << 32 }

    /// One change of a transaction.
    enum Change {
        case create(String, data: String, owner: Int64)
        case delete(String)
        case set(String, data: String)
    }

    /// Carries out the changes that are possible, as one transaction.
    mutating func change(_ changes: [Change]) {
        zxid += 1
        for change in changes {
            switch change {
            case .create(let path, let data, let owner):
                guard nodes[path] == nil, let parent = ZNodePath.parent(of: path),
                    nodes[parent]?.owner == 0
                else { continue }
                nodes[path] = Znode(data: Array(data.utf8), czxid: zxid, mzxid: zxid, owner: owner)
                nodes[parent]?.countChange(at: zxid)
                fire(.nodeCreated, path)
            case .delete(let path):
                guard nodes[path] != nil, children(of: path).isEmpty else { continue }
                nodes[path] = nil
                if let parent = ZNodePath.parent(of: path) { nodes[parent]?.countChange(at: zxid) }
                fire(.nodeDeleted, path)
            case .set(let path, let data):
                guard nodes[path] != nil else { continue }
                nodes[path]?.data = Array(data.utf8)
                nodes[path]?.mzxid = zxid
                fire(.nodeDataChanged, path)
            }
        }
    }

    mutating func change(_ change: Change) { self.change([change]) }

    /// Creates a path with all that is missing above it.
    mutating func make(_ path: String, data: String = "", owner: Int64 = 0) {
        var ancestors: [String] = []
        var next = ZNodePath.parent(of: path)
        while let parent = next, nodes[parent] == nil {
            ancestors.append(parent)
            next = ZNodePath.parent(of: parent)
        }
        for ancestor in ancestors.reversed() { change(.create(ancestor, data: "", owner: 0)) }
        change(.create(path, data: data, owner: owner))
    }

    /// Ends a session: the fact first, then its ephemerals go in one transaction.
    mutating func end(session: Int64, _ kind: SessionFact.Kind, tellsFacts: Bool) {
        let owned = nodes.filter { $0.value.owner == session }.keys.sorted()
        if tellsFacts {
            let fact = SessionFact(session: session, kind: kind, zxid: zxid + 1)
            outbox.append(.fact(fact))
        }
        change(owned.map { .delete($0) })
    }
}
