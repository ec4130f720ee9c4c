internal import ZooKeeperProtocol

/// A persistent watch made of one-shot ones, for servers that have no other (ZooKeeper before 3.6).
///
/// Step of the data flow: one-shot events and replies come in; reads that set such watches again, and
/// what they show to have changed, go out. The znode, and below a recursive watch each descendant, has a
/// data watch and a child watch, so a tree may have half as many znodes as a session has watches.
/// Changes in quick succession are seen as one. Invariant: what was found before the first walk ended is
/// no change. Owner: the router.
struct WatchEmulation {
    enum Work: Hashable {
        /// Is it there, and has it changed?
        case look(String)
        case list(String)
    }

    private struct Node {
        let czxid: Int64
        var mzxid: Int64
        let canHaveChildren: Bool
        var children: Set<String> = []
        /// Nil while the children were never listed.
        var cversion: Int32?
    }

    let top: String
    let isRecursive: Bool
    private var nodes: [String: Node] = [:]
    private var queue: [Work] = []
    private var queued: Set<Work> = []
    private var inFlight: [UInt64: Work] = [:]
    /// The values of `inFlight`.
    private var onTheWay: Set<Work> = []
    /// What has fired while it was being read.
    private var again: Set<Work> = []
    private var tagsGiven: UInt64 = 0
    private var isConnected = true
    private var events: [WatchEvent] = []
    /// All is known, and all watches are set.
    private(set) var isComplete = false
    /// Why it cannot go on.
    private(set) var failure: ZooKeeperError?

    init(_ top: String, isRecursive: Bool) {
        (self.top, self.isRecursive) = (top, isRecursive)
        want(.look(top))
    }

    // MARK: Inputs

    mutating func take(_ event: WatchEvent) {
        let path = event.path
        guard path == top || isRecursive && ZNodePath.isSame(path, orBelow: top) else { return }
        switch event.type {
        case .nodeCreated, .nodeDataChanged: want(.look(path))
        case .nodeChildrenChanged: want(.list(path))
        case .nodeDeleted:
            // At the top the look sets a watch for its return; elsewhere the parent's list tells of it.
            guard path != top, let parent = ZNodePath.parent(of: path) else {
                want(.look(top))
                return
            }
            remove(path)
            want(.list(parent))
        }
    }

    mutating func take(_ result: Result<Response, ZooKeeperError>, tag: UInt64) {
        guard let work = inFlight.removeValue(forKey: tag) else { return }
        onTheWay.remove(work)
        if again.remove(work) != nil { want(work) }
        switch (work, result) {
        case (.look(let path), .success(.stat(let stat))): found(path, stat)
        case (.look(let path), .success(.data(let record))): found(path, record.stat)
        case (.list(let path), .success(.children(let record))): listed(path, record)
        case (.look(let path), .failure(let error)) where error.server == .noNode: remove(path)
        case (.list(let path), .failure(let error)) where error.server == .noNode:
            want(.look(path))
        case (_, .failure(let error)) where error.server == .noAuth: break
        case (_, .failure(let error)) where error.isOfConnection:
            isConnected = false
            want(work)
        case (_, .failure(let error)): failure = error
        case (_, .success(let other)):
            failure = ZooKeeperError(.badReply, "reply of another shape: \(other)")
        }
        if queue.isEmpty, inFlight.isEmpty { isComplete = true }
    }

    /// The session has a connection, with all one-shot watches set again.
    mutating func connected() { isConnected = true }

    /// The session is over and its watches with it: all is read anew, in the next one.
    mutating func expired() {
        (nodes, queue, queued, again) = ([:], [], [], [])
        (inFlight, onTheWay) = ([:], [])
        (isConnected, isComplete) = (false, false)
        want(.look(top))
    }

    // MARK: Outputs

    /// The next read that may go out.
    mutating func next() -> (tag: UInt64, request: Request)? {
        guard isConnected, failure == nil,
            inFlight.count < Limits.batchRequestsInFlightMax, let work = queue.popLast()
        else { return nil }
        queued.remove(work)
        tagsGiven += 1
        inFlight[tagsGiven] = work
        onTheWay.insert(work)
        switch work {
        case .look(top): return (tagsGiven, .exists(ExistsRequest(path: top, watch: true)))
        // An exists would leave a watch behind for each that has gone meanwhile.
        case .look(let path):
            return (tagsGiven, .getData(GetDataRequest(path: path, watch: true)))
        case .list(let path):
            return (tagsGiven, .getChildren2(GetChildrenRequest(path: path, watch: true)))
        }
    }

    /// What has changed since the last call, in order.
    mutating func takeEvents() -> [WatchEvent] {
        defer { events = [] }
        return events
    }

    // MARK: Findings

    private mutating func want(_ work: Work) {
        if onTheWay.contains(work) {
            again.insert(work)
        } else if queued.insert(work).inserted {
            queue.append(work)
        }
    }

    private mutating func tell(_ type: WatchEvent.Kind, _ path: String) {
        if isComplete { events.append(WatchEvent(type, path: path)) }
    }

    private mutating func found(_ path: String, _ stat: Stat) {
        if let known = nodes[path], known.czxid == stat.czxid {
            attach(path)
            guard known.mzxid != stat.mzxid else { return }
            nodes[path]?.mzxid = stat.mzxid
            tell(.nodeDataChanged, path)
            return
        }
        remove(path)
        let canHaveChildren = stat.ephemeralOwner == 0
        nodes[path] = Node(
            czxid: stat.czxid,
            mzxid: stat.mzxid,
            canHaveChildren: canHaveChildren
        )
        attach(path)
        tell(.nodeCreated, path)
        if canHaveChildren, isRecursive || path == top { want(.list(path)) }
    }

    private mutating func attach(_ path: String) {
        guard path != top, let parent = ZNodePath.parent(of: path) else { return }
        nodes[parent]?.children.insert(ZNodePath.name(of: path))
    }

    private mutating func listed(_ path: String, _ record: GetChildren2Response) {
        guard let node = nodes[path] else {
            want(.look(path))
            return
        }
        let names = Set(record.children)
        nodes[path]?.cversion = record.stat.cversion
        guard isRecursive else {
            let isSame = node.cversion.map { $0 == record.stat.cversion } ?? names.isEmpty
            if !isSame { tell(.nodeChildrenChanged, path) }
            return
        }
        for name in node.children.subtracting(names).sorted() {
            remove(ZNodePath.join(path, name))
        }
        for name in names.subtracting(node.children).sorted() {
            want(.look(ZNodePath.join(path, name)))
        }
    }

    /// Forgets a znode with all below it, which go first.
    private mutating func remove(_ path: String) {
        guard nodes[path] != nil else { return }
        var (found, next) = ([path], 0)
        while next < found.count {
            let parent = found[next]
            let names = nodes[parent]?.children.sorted() ?? []
            found += names.map { ZNodePath.join(parent, $0) }
            next += 1
        }
        for path in found.reversed() where nodes.removeValue(forKey: path) != nil {
            tell(.nodeDeleted, path)
        }
        guard path != top, let parent = ZNodePath.parent(of: path) else { return }
        nodes[parent]?.children.remove(ZNodePath.name(of: path))
    }
}

extension ZooKeeperError {
    /// The connection or the session went: the same request may succeed on the next one.
    var isOfConnection: Bool {
        code == .outcomeUnknown || code == .notSent || code == .sessionExpired
    }
}
