import ZooKeeperProtocol

/// Reads a tree for an audit, from the top down: a Stat of each znode, data only where it matters.
///
/// Step of the data flow: between a server and `TreeAudit`. Not a snapshot: each znode is as of the moment
/// of its reading, and what went meanwhile is left out. Memory: the names that were listed and not read.
struct AuditWalk {
    private let pipe: RequestPipe
    /// Paths to read, the next one last.
    private var pending: [String]
    private let seesServerZNodes: Bool
    private let top: String

    init(_ pipe: RequestPipe, top: String, hasChroot: Bool) {
        (self.pipe, self.top, pending, seesServerZNodes) = (pipe, top, [top], !hasChroot)
    }

    /// Reads everything, batch by batch.
    ///
    /// - Parameter audit: Is told of every znode and list.
    /// - Throws: `CommandFailure` when there is nothing at the top, or the server answers no more.
    mutating func read(into audit: inout TreeAudit) async throws(CommandFailure) {
        var progress = ProgressLine("reading \(pipe.server)", total: nil)
        while !pending.isEmpty {
            let paths = Array(pending.suffix(Limits.statsPerBatch))
            pending.removeLast(paths.count)
            try await list(try await read(paths, into: &audit), into: &audit)
            progress.show(audit.tally.znodes)
        }
        progress.end()
    }

    /// Reads znodes and tells which of them have children.
    private func read(
        _ paths: [String],
        into audit: inout TreeAudit
    ) async throws(CommandFailure) -> [String] {
        let requests = paths.map { path in
            audit.wantsData(of: path)
                ? Request.getData(GetDataRequest(path: path, watch: false))
                : .exists(ExistsRequest(path: path, watch: false))
        }
        var parents: [String] = []
        for (path, answer) in zip(paths, try await pipe.answers(to: requests)) {
            let stat: Stat
            switch answer {
            case .success(.stat(let read)):
                stat = read
                audit.saw(path, stat)
            case .success(.data(let read)):
                stat = read.stat
                audit.saw(path, stat, data: read.data ?? [])
            case .failure(.noNode):
                guard path != top else {
                    throw CommandFailure(.notFound, "\(top) does not exist on \(pipe.server)")
                }
                continue
            case .failure(.noAuth):
                audit.sawRefusal(path)
                continue
            case .failure(let code):
                throw CommandFailure(.failure, "\(path): \(pipe.server) answers \(code)")
            default: throw CommandFailure(.failure, "\(path): the answer has another shape")
            }
            if stat.numChildren > 0 { parents.append(path) }
        }
        return parents
    }

    private mutating func list(
        _ parents: [String],
        into audit: inout TreeAudit
    ) async throws(CommandFailure) {
        var rest = parents[...]
        while !rest.isEmpty {
            let paths = rest.prefix(Limits.listsPerBatch)
            rest = rest.dropFirst(paths.count)
            let requests = paths.map { path in
                Request.getChildren2(GetChildrenRequest(path: path, watch: false))
            }
            for (path, answer) in zip(paths, try await pipe.answers(to: requests)) {
                switch answer {
                case .success(.children(let read)):
                    audit.saw(childrenOf: path, read.children, read.stat)
                    let isRoot = path == ZNodePath.root && seesServerZNodes
                    let names = read.children.filter { !isRoot || "/" + $0 != ServerZNodes.root }
                    pending += names.map { ZNodePath.join(path, $0) }
                case .failure(.noNode): break
                case .failure(.noAuth): audit.sawRefusal(path)
                case .failure(let code):
                    throw CommandFailure(.failure, "\(path): \(pipe.server) answers \(code)")
                default: throw CommandFailure(.failure, "\(path): the answer has another shape")
                }
            }
        }
    }
}
