import ZooKeeperProtocol

@testable import ZooKeeperClient

/// A tree with watches as a server has them, small enough to be right by reading.
///
/// One-shot watches fire and go; `recursive` paths see creations, deletions and data of all below.
struct ModelTree {
    struct Node {
        var czxid: Int64
        var mzxid: Int64
        var version: Int32 = 0
        var cversion: Int32 = 0
        var data: [UInt8]? = []
        var ephemeralOwner: Int64 = 0
    }

    private(set) var nodes: [String: Node] = ["/": Node(czxid: 0, mzxid: 0)]
    private(set) var zxid: Int64 = 0
    /// The session that ephemerals belong to.
    var owner: Int64 = 7
    private var creations: [String: Int32] = [:]
    var data: Set<String> = []
    var children: Set<String> = []
    var recursive: Set<String> = []
    /// Requests for child lists so far.
    private(set) var listings = 0

    func names(_ path: String) -> [String] {
        nodes.keys.filter { ZNodePath.parent(of: $0) == path }.map(ZNodePath.name(of:)).sorted()
    }

    // MARK: Changes, with the events they cause

    mutating func create(
        _ path: String,
        data: [UInt8]? = [],
        ephemeralOwner: Int64 = 0
    ) -> [WatchEvent] {
        guard let parent = ZNodePath.parent(of: path), nodes[parent] != nil, nodes[path] == nil
        else { return [] }
        zxid += 1
        nodes[path] = Node(czxid: zxid, mzxid: zxid, data: data, ephemeralOwner: ephemeralOwner)
        nodes[parent]?.cversion += 1
        creations[parent, default: 0] += 1
        return fire(.nodeCreated, path) + fireList(parent)
    }

    mutating func delete(_ path: String) -> [WatchEvent] {
        guard let parent = ZNodePath.parent(of: path), nodes[path] != nil, names(path).isEmpty
        else { return [] }
        zxid += 1
        nodes[path] = nil
        nodes[parent]?.cversion += 1
        return fire(.nodeDeleted, path) + fireList(parent)
    }

    mutating func set(_ path: String, _ data: [UInt8]? = []) -> [WatchEvent] {
        guard nodes[path] != nil else { return [] }
        zxid += 1
        nodes[path]?.mzxid = zxid
        nodes[path]?.version += 1
        nodes[path]?.data = data
        return fire(.nodeDataChanged, path)
    }

    private mutating func fire(_ type: WatchEvent.Kind, _ path: String) -> [WatchEvent] {
        var fires = data.remove(path) != nil
        if type == .nodeDeleted, children.remove(path) != nil { fires = true }
        if recursive.contains(where: { ZNodePath.isSame(path, orBelow: $0) }) { fires = true }
        return fires ? [WatchEvent(type, path: path)] : []
    }

    private mutating func fireList(_ path: String) -> [WatchEvent] {
        children.remove(path) == nil ? [] : [WatchEvent(.nodeChildrenChanged, path: path)]
    }

    // MARK: Requests

    mutating func answer(_ request: Request) -> Result<Response, ZooKeeperError> {
        switch request {
        case .exists(let record):
            if record.watch { data.insert(record.path) }
            guard let stat = stat(record.path) else { return absent(record.path) }
            return .success(.stat(stat))
        case .getData(let record):
            guard let stat = stat(record.path) else { return absent(record.path) }
            if record.watch { data.insert(record.path) }
            let data = nodes[record.path]?.data ?? nil
            return .success(.data(GetDataResponse(data: data, stat: stat)))
        case .getChildren2(let record):
            listings += 1
            guard let stat = stat(record.path) else { return absent(record.path) }
            if record.watch { children.insert(record.path) }
            let names = names(record.path)
            return .success(.children(GetChildren2Response(children: names, stat: stat)))
        case .getChildren(let record):
            listings += 1
            guard nodes[record.path] != nil else { return absent(record.path) }
            return .success(.names(names(record.path)))
        case .sync(let record): return .success(.path(record.path))
        default: return write(request).result
        }
    }

    /// Carries a write out, and says which events it causes.
    mutating func write(
        _ request: Request
    ) -> (result: Result<Response, ZooKeeperError>, events: [WatchEvent]) {
        switch request {
        case .create(let record), .createContainer(let record): return write(record)
        case .delete(let record):
            guard nodes[record.path] != nil else { return (absent(record.path), []) }
            guard names(record.path).isEmpty else { return (refused(.notEmpty, record.path), []) }
            return (.success(.empty), delete(record.path))
        case .setData(let record):
            guard let node = nodes[record.path] else { return (absent(record.path), []) }
            guard record.version == -1 || record.version == node.version else {
                return (refused(.badVersion, record.path), [])
            }
            let events = set(record.path, record.data)
            return (stat(record.path).map { .success(.stat($0)) } ?? absent(record.path), events)
        default: return (refused(.unimplemented, "\(request.opCode)"), [])
        }
    }

    private mutating func write(
        _ record: CreateRequest
    ) -> (result: Result<Response, ZooKeeperError>, events: [WatchEvent]) {
        var path = record.path
        guard let parent = ZNodePath.parent(of: path), nodes[parent] != nil else {
            return (absent(path), [])
        }
        if record.mode?.isSequential == true {
            path = ZNodePath.sequential(path, number: creations[parent, default: 0])
        }
        guard nodes[path] == nil else { return (refused(.nodeExists, path), []) }
        let owner: Int64 = record.mode?.isEphemeral == true ? owner : 0
        return (.success(.path(path)), create(path, data: record.data, ephemeralOwner: owner))
    }

    private func refused(
        _ code: ErrorCode,
        _ path: String
    ) -> Result<Response, ZooKeeperError> {
        .failure(ZooKeeperError(refused: code, path))
    }

    private func absent(_ path: String) -> Result<Response, ZooKeeperError> {
        .failure(ZooKeeperError(refused: .noNode, path))
    }

    func stat(_ path: String) -> Stat? {
        nodes[path].map { node in
            Stat(
                czxid: node.czxid,
                mzxid: node.mzxid,
                ctime: 0,
                mtime: 0,
                version: node.version,
                cversion: node.cversion,
                aversion: 0,
                ephemeralOwner: node.ephemeralOwner,
                dataLength: Int32(node.data?.count ?? 0),
                numChildren: Int32(names(path).count),
                pzxid: 0
            )
        }
    }
}
