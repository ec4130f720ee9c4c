import ZooKeeperProtocol

/// Reads a tree from the top down, many znodes at a time: what an export writes.
///
/// Step of the data flow: between a server and a file. Parents come before their children, and the same
/// tree always gives the same order. Not a snapshot: each znode is as of the moment of its reading. What
/// the server keeps for itself is left out, except for the limits of quotas, which come last. Memory: the
/// names that were listed and not read yet, and the data of `Limits.znodesPerBatch` znodes.
struct TreeWalk {
    /// What was met and is not in the batches, and what is.
    struct Tally: Sendable {
        var znodes = 0
        var bytes = 0
        var quotas = 0
        /// Ephemerals; they belong to sessions.
        var ephemerals = 0
        /// Gone between listing and reading.
        var vanished = 0
        var unreadable = 0
        /// The first of the unreadable ones.
        var unreadablePaths: [String] = []
    }

    /// Listed names of one znode's children, the next one last.
    private struct Listing {
        let parent: String
        var names: [String]
    }

    private(set) var tally = Tally()
    private let pipe: RequestPipe
    private let top: String
    /// False below a chroot, where /zookeeper is a znode like any other.
    private let seesServerZNodes: Bool
    private var pending: [Listing]

    /// A walk over a znode and everything below it.
    init(_ pipe: RequestPipe, top: String, hasChroot: Bool) {
        (self.pipe, self.top, seesServerZNodes) = (pipe, top, !hasChroot)
        pending = [Listing(parent: top, names: [""])]
        guard seesServerZNodes, !ZNodePath.isSame(top, orBelow: ServerZNodes.root) else { return }
        let quotas = QuotaText.root + (top == ZNodePath.root ? "" : top)
        pending.insert(Listing(parent: quotas, names: [""]), at: 0)
    }

    /// Reads the next znodes.
    ///
    /// - Returns: At most `Limits.znodesPerBatch`, perhaps none of them to be kept; nil at the end.
    /// - Throws: `CommandFailure` when there is nothing at the top, or the server answers no more.
    mutating func next() async throws(CommandFailure) -> [PortableZNode]? {
        let paths = takePaths()
        guard !paths.isEmpty else { return nil }
        let requests = paths.flatMap { path in
            [
                Request.getData(GetDataRequest(path: path, watch: false)),
                .getACL(GetACLRequest(path: path)),
            ]
        }
        let answers = try await pipe.answers(to: requests)
        var znodes: [PortableZNode] = []
        var parents: [String] = []
        for (index, path) in paths.enumerated() {
            let (data, acl) = (answers[2 * index], answers[2 * index + 1])
            guard let (znode, hasChildren) = try znode(path, data, acl) else { continue }
            if let znode { znodes.append(znode) }
            if hasChildren { parents.append(path) }
        }
        try await list(parents)
        for znode in znodes {
            tally.znodes += 1
            tally.bytes += znode.data?.count ?? 0
            if seesServerZNodes, ServerZNodes.isQuota(znode.path) { tally.quotas += 1 }
        }
        return znodes
    }

    private mutating func takePaths() -> [String] {
        var paths: [String] = []
        while paths.count < Limits.znodesPerBatch, let last = pending.indices.last {
            guard let name = pending[last].names.popLast() else {
                pending.removeLast()
                continue
            }
            let parent = pending[last].parent
            paths.append(name.isEmpty ? parent : ZNodePath.join(parent, name))
        }
        return paths
    }

    /// What two answers say of a znode; nil for one that is not there or cannot be read.
    private mutating func znode(
        _ path: String,
        _ data: Result<Response, ErrorCode>,
        _ acl: Result<Response, ErrorCode>
    ) throws(CommandFailure) -> (PortableZNode?, hasChildren: Bool)? {
        switch (data, acl) {
        case (.success(.data(let read)), .success(.acl(let list))):
            let hasChildren = read.stat.numChildren > 0
            guard let kind = PortableZNode.Kind(ephemeralOwner: read.stat.ephemeralOwner) else {
                tally.ephemerals += 1
                return nil
            }
            if seesServerZNodes, ServerZNodes.contains(path) { return (nil, hasChildren) }
            let znode = PortableZNode(path: path, kind: kind, data: read.data, acl: list.acl)
            let isImplied = path == ZNodePath.root && seesServerZNodes && znode.isPristine
            return (isImplied ? nil : znode, hasChildren)
        case (.failure(.noNode), _), (_, .failure(.noNode)):
            if path == top {
                throw CommandFailure(.notFound, "\(top) does not exist on \(pipe.server)")
            }
            if !ServerZNodes.contains(path) { tally.vanished += 1 }
            return nil
        case (.failure(.noAuth), _), (_, .failure(.noAuth)):
            tally.unreadable += 1
            if tally.unreadable <= Limits.unreadableShownMax { tally.unreadablePaths.append(path) }
            return nil
        case (.failure(let code), _), (_, .failure(let code)):
            throw CommandFailure(.failure, "\(path): \(pipe.server) answers \(code)")
        default: throw CommandFailure(.failure, "\(path): the answer has another shape")
        }
    }

    /// Lists the children of znodes, so that those of the first one come next.
    private mutating func list(_ parents: [String]) async throws(CommandFailure) {
        let requests = parents.map { path in
            Request.getChildren(GetChildrenRequest(path: path, watch: false))
        }
        let answers = try await pipe.answers(to: requests)
        for (parent, answer) in zip(parents, answers).reversed() {
            switch answer {
            case .success(.names(let names)):
                pending.append(Listing(parent: parent, names: kept(names, of: parent)))
            // Gone since it was read, and its children with it.
            case .failure(.noNode): break
            case .failure(let code):
                throw CommandFailure(.failure, "\(parent): \(pipe.server) answers \(code)")
            default: throw CommandFailure(.failure, "\(parent): the answer has another shape")
            }
        }
    }

    private func kept(_ names: [String], of parent: String) -> [String] {
        // By bytes: names that look the same to people are different ones to servers.
        let sorted = names.sorted { $1.utf8.lexicographicallyPrecedes($0.utf8) }
        guard seesServerZNodes else { return sorted }
        if parent == ZNodePath.root {
            return sorted.filter { "/" + $0 != ServerZNodes.root }
        }
        guard ZNodePath.isSame(parent, orBelow: QuotaText.root) else { return sorted }
        return sorted.filter { $0 != QuotaText.statsName }
    }
}
