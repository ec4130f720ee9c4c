internal import ZooKeeperProtocol

/// Keeps a copy of a znode, of its children, or of all below it.
///
/// Step of the data flow: elements of a persistent watch and replies come in, in wire order; reads and
/// changes go out. After the first walk each list was read once, and each change costs one read: what was
/// announced by an event is not listed, as all below it is announced too. After a gap each znode is
/// compared by its Stat, and only what differs is read. Invariants: a znode's parent is in the copy, but
/// for the top; a znode is told as created before it is told as anything else. Owner: `CacheDriver`.
struct CacheEngine {
    enum Work: Hashable {
        /// Compare by Stat.
        case check(String)
        case read(String)
        case list(String)

        var path: String {
            switch self {
            case .check(let path), .read(let path), .list(let path): path
            }
        }
    }

    struct Entry {
        var node: CachedZNode
        var children: Set<String> = []
        /// Number of the last walk that has compared it, and its list of children.
        var walk: Int
    }

    let top: String
    /// Levels below the top that are kept.
    let depthMax: Int
    let nodesMax: Int
    private(set) var entries: [String: Entry] = [:]
    private var queue = WorkQueue()
    /// Created in the sight of the watch: all below them is announced too.
    private var announced: Set<String> = []
    /// May not be read, so that their Stats have to do.
    private var unreadable: Set<String> = []
    /// Walks so far; 0 before the first.
    private var walk = 0
    private var isWalking = false
    private(set) var isInitialized = false
    /// Why the copy is no longer kept.
    private(set) var failure: ZooKeeperError?
    private var changes: [CacheChange] = []

    init(_ top: String, depthMax: Int, nodesMax: Int) {
        (self.top, self.depthMax, self.nodesMax) = (top, depthMax, nodesMax)
    }

    // MARK: Inputs

    /// The watch is set: the first walk begins.
    mutating func established() { startWalk(.read(top)) }

    mutating func take(_ element: WatchElement) {
        switch element {
        case .event(let event): take(event)
        case .resync: startWalk(entries[top] == nil ? .read(top) : .check(top))
        }
    }

    mutating func take(_ result: Result<Response, ZooKeeperError>, tag: UInt64) {
        guard let work = queue.finished(tag) else { return }
        switch (work, result) {
        case (.check(let path), .success(.stat(let stat))): checked(path, stat)
        case (.read(let path), .success(.data(let record))): read(path, record.data, record.stat)
        case (.list(let path), .success(.names(let names))): listed(path, names)
        case (_, .success(let other)):
            failure = ZooKeeperError(.badReply, "reply of another shape: \(other)")
        case (_, .failure(let error)): failed(work, error)
        }
        endWalk()
    }

    /// There is room, or time, for what was put off.
    mutating func resume() { queue.isPaused = false }

    // MARK: Outputs

    /// The next read that may go out.
    mutating func next() -> (tag: UInt64, request: Request)? {
        guard failure == nil, let (tag, work) = queue.next() else { return nil }
        switch work {
        case .check(let path): return (tag, .exists(ExistsRequest(path: path, watch: false)))
        case .read(let path): return (tag, .getData(GetDataRequest(path: path, watch: false)))
        case .list(let path):
            return (tag, .getChildren(GetChildrenRequest(path: path, watch: false)))
        }
    }

    /// What has changed since the last call, in order.
    mutating func takeChanges() -> [CacheChange] {
        defer { changes = [] }
        return changes
    }

    /// Reads were put off, by a server or a session that has too much to do.
    var isPaused: Bool { queue.isPaused }

    // MARK: Walks

    private mutating func startWalk(_ work: Work) {
        walk += 1
        isWalking = true
        announced = []
        queue.restart()
        queue.add(work)
    }

    private mutating func endWalk() {
        guard isWalking, queue.isEmpty else { return }
        isWalking = false
        changes.append(isInitialized ? .resynced : .initialized)
        isInitialized = true
    }

    // MARK: Findings

    private mutating func take(_ event: WatchEvent) {
        guard let depth = depth(of: event.path), depth <= depthMax else { return }
        switch event.type {
        case .nodeCreated:
            announced.insert(event.path)
            queue.add(.read(event.path))
        case .nodeDataChanged: queue.add(.read(event.path))
        case .nodeDeleted:
            announced.remove(event.path)
            unreadable.remove(event.path)
            remove(event.path)
        case .nodeChildrenChanged: break
        }
    }

    private mutating func read(_ path: String, _ data: [UInt8]?, _ stat: Stat) {
        unreadable.remove(path)
        put(CachedZNode(path: path, data: data, stat: stat))
    }

    private mutating func put(_ node: CachedZNode) {
        if let old = entries[node.path]?.node, old.stat.czxid == node.stat.czxid {
            entries[node.path]?.node = node
            if old.stat.mzxid != node.stat.mzxid { changes.append(.changed(node, from: old)) }
            return
        }
        remove(node.path)
        let isAnnounced = announced.remove(node.path) != nil
        guard insert(node) else { return }
        changes.append(.created(node))
        if !isAnnounced, node.stat.numChildren > 0, isListed(node.path) {
            queue.add(.list(node.path))
        }
    }

    /// - Returns: False when there is no place for it.
    private mutating func insert(_ node: CachedZNode) -> Bool {
        guard entries.count < nodesMax else {
            failure = ZooKeeperError(.overloaded, "\(top) has more than \(nodesMax) znodes to keep")
            return false
        }
        if node.path != top {
            guard let parent = ZNodePath.parent(of: node.path), entries[parent] != nil else {
                // Its parent is still to come, and is listed then.
                if let parent = ZNodePath.parent(of: node.path) { announced.remove(parent) }
                return false
            }
            entries[parent]?.children.insert(node.name)
        }
        entries[node.path] = Entry(node: node, walk: walk)
        return true
    }

    private mutating func checked(_ path: String, _ stat: Stat) {
        guard let entry = entries[path] else {
            if unreadable.contains(path) { put(CachedZNode(path: path, data: nil, stat: stat)) }
            return
        }
        entries[path]?.walk = walk
        guard entry.node.stat.czxid == stat.czxid else {
            remove(path)
            queue.add(.read(path))
            return
        }
        if unreadable.contains(path) {
            put(CachedZNode(path: path, data: nil, stat: stat))
        } else if entry.node.stat.mzxid != stat.mzxid {
            queue.add(.read(path))
        }
        guard isListed(path) else { return }
        if stat.numChildren > 0 {
            queue.add(.list(path))
        } else {
            removeChildren(path, entry.children)
        }
    }

    private mutating func listed(_ path: String, _ names: [String]) {
        guard let entry = entries[path] else { return }
        removeChildren(path, entry.children.subtracting(names))
        for name in names {
            let child = ZNodePath.join(path, name)
            guard let known = entries[child] else {
                queue.addOnce(.read(child))
                continue
            }
            if known.walk < walk { queue.addOnce(.check(child)) }
        }
    }

    private mutating func failed(_ work: Work, _ error: ZooKeeperError) {
        switch error.code {
        case .refused where error.server == .noNode: remove(work.path)
        case .refused where error.server == .noAuth:
            guard case .read(let path) = work else { return }
            unreadable.insert(path)
            queue.add(.check(path))
        case .refused where error.server == .throttledOp, .overloaded:
            queue.add(work)
            queue.isPaused = true
        // The watch tells when the connection is there again, and all is walked anew.
        case .outcomeUnknown, .notSent, .sessionExpired: queue.add(work)
        default: failure = error
        }
    }

    /// Forgets a znode with all below it, which goes first.
    private mutating func remove(_ path: String) {
        guard entries[path] != nil else { return }
        var (found, next) = ([path], 0)
        while next < found.count {
            let parent = found[next]
            found += entries[parent]?.children.sorted().map { ZNodePath.join(parent, $0) } ?? []
            next += 1
        }
        for path in found.reversed() {
            unreadable.remove(path)
            guard let entry = entries.removeValue(forKey: path) else { continue }
            changes.append(.deleted(entry.node))
        }
        guard path != top, let parent = ZNodePath.parent(of: path) else { return }
        entries[parent]?.children.remove(ZNodePath.name(of: path))
    }

    private mutating func removeChildren(_ path: String, _ names: Set<String>) {
        for name in names.sorted() { remove(ZNodePath.join(path, name)) }
    }

    private func isListed(_ path: String) -> Bool { depth(of: path).map { $0 < depthMax } ?? false }

    /// Levels below the top; nil for what is elsewhere.
    private func depth(of path: String) -> Int? {
        guard ZNodePath.isSame(path, orBelow: top) else { return nil }
        if path == top { return 0 }
        let slash = UInt8(ascii: "/")
        let own = top == ZNodePath.root ? 0 : top.utf8.count { $0 == slash }
        return path.utf8.count { $0 == slash } - own
    }
}
