import ZooKeeperProtocol

/// Everything that changes no node: reads, and the requests about watches.
extension ZNodeTree {
    /// An answer, and the least zxid that must be durable before it may leave.
    struct Answer {
        var response: Response
        var dependsOn: Int64
    }

    mutating func read(
        _ request: Request,
        by caller: Caller,
        _ hits: inout [WatchHit]
    ) throws(ErrorCode) -> Answer {
        switch request {
        case .exists(let request): return try exists(request, by: caller)
        case .getData(let request):
            let node = try readable(request.path, by: caller)
            if request.watch { try watch([.data], .oneShot, request.path, by: caller) }
            let response = GetDataResponse(data: node.data, stat: node.stat)
            return Answer(response: .data(response), dependsOn: node.touched)
        case .getChildren(let request):
            let node = try children(request, by: caller)
            return Answer(response: .names(Self.names(of: node)), dependsOn: node.touched)
        case .getChildren2(let request):
            let node = try children(request, by: caller)
            let names = Self.names(of: node)
            let response = GetChildren2Response(children: names, stat: node.stat)
            return Answer(response: .children(response), dependsOn: node.touched)
        case .getACL(let request): return try getACL(request, by: caller)
        case .check(let request):
            return Answer(response: .empty, dependsOn: try check(request, by: caller).touched)
        case .multiRead(let request):
            effort += request.operations.count
            return multiRead(request, by: caller)
        case .sync(let request):
            return Answer(response: .path(request.path), dependsOn: lastZxid)
        case .getEphemerals(let request):
            let paths = ephemerals(of: caller.session, startingWith: request.prefix)
            return Answer(response: .names(paths), dependsOn: lastZxid)
        case .getAllChildrenNumber(let request):
            let node = try readable(request.path, by: caller)
            // ZooKeeper 3.8 compares names: the empty path, which reaches the root, counts the root too.
            let count = weigh(node).nodes - (request.path.isEmpty ? 0 : 1)
            return Answer(response: .number(Int32(clamping: count)), dependsOn: lastZxid)
        case .whoAmI:
            let identities = caller.identities.map { identity in
                let user = identity.id.split(separator: ":", omittingEmptySubsequences: false)[0]
                let isDigest = identity.scheme == "digest"
                return ClientIdentity(
                    scheme: identity.scheme,
                    user: isDigest ? String(user) : identity.id
                )
            }
            return Answer(response: .identities(identities), dependsOn: 0)
        case .reconfig: throw .reconfigDisabled
        case .setWatches, .setWatches2, .addWatch, .checkWatches, .removeWatches:
            return try aboutWatches(request, by: caller, &hits)
        case .ping, .auth: return Answer(response: .empty, dependsOn: 0)
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .multi,
            .closeSession:
            // Writes never come here: `apply` has taken them out.
            throw .systemError
        }
    }

    /// A watch is set whether the node is there or not; no permission is needed.
    private mutating func exists(
        _ request: ExistsRequest,
        by caller: Caller
    ) throws(ErrorCode) -> Answer {
        let node = node(request.path)
        // The path of a node is known to be without.
        guard node != nil || !Self.hasNUL(request.path) else { throw .badArguments }
        if request.watch { try watch([.data], .oneShot, request.path, by: caller) }
        guard let node else { throw .noNode }
        return Answer(response: .stat(node.stat), dependsOn: node.touched)
    }

    mutating func children(
        _ request: GetChildrenRequest,
        by caller: Caller
    ) throws(ErrorCode) -> ZNode {
        let node = try readable(request.path, by: caller)
        if request.watch { try watch([.children], .oneShot, request.path, by: caller) }
        return node
    }

    /// A prefix of blanks, or of a slash among blanks, is that of all paths (ZooKeeper 3.8 FinalRequestProcessor).
    private func ephemerals(of session: Int64, startingWith prefix: String) -> [String] {
        let paths = ephemerals(of: session)
        let isBlank: (UInt8) -> Bool = { $0 <= UInt8(ascii: " ") }
        let rest = prefix.utf8.drop(while: isBlank).reversed().drop(while: isBlank)
        guard !rest.isEmpty, !rest.elementsEqual("/".utf8) else { return paths }
        return paths.filter { $0.utf8.starts(with: prefix.utf8) }
    }

    private func getACL(_ request: GetACLRequest, by caller: Caller) throws(ErrorCode) -> Answer {
        guard let node = node(request.path) else { throw .noNode }
        try Self.require([.read, .admin], of: node, by: caller)
        let isAdmin = Self.allows(.admin, node.acl, caller)
        let acl = isAdmin ? node.acl : Self.masked(node.acl)
        let response = GetACLResponse(acl: acl, stat: node.stat)
        return Answer(response: .acl(response), dependsOn: node.touched)
    }

    /// Each part succeeds or fails by itself; watch flags are ignored.
    ///
    /// Parts behind the bound on bytes, to which access lists that are long add theirs, fail with THROTTLEDOP.
    private func multiRead(_ request: MultiReadRequest, by caller: Caller) -> Answer {
        var bytes = 0
        let results = request.operations.map { operation -> MultiResponse.Result in
            do throws(ErrorCode) {
                guard bytes < Limits.multiReadBytesMax else { throw .throttledOp }
                let path =
                    switch operation {
                    case .getData(let request): request.path
                    case .getChildren(let request): request.path
                    }
                bytes += (node(path)?.acl.count ?? 0) * Limits.aclEntryBytes
                switch operation {
                case .getData(let request):
                    let node = try readable(request.path, by: caller)
                    bytes += node.data?.count ?? 0
                    return .getData(GetDataResponse(data: node.data, stat: node.stat))
                case .getChildren(let request):
                    let names = Self.names(of: try readable(request.path, by: caller))
                    bytes += names.reduce(0) { $0 + 4 + $1.utf8.count }
                    return .getChildren(names)
                }
            } catch {
                return .error(error)
            }
        }
        return Answer(response: .multi(MultiResponse(results)), dependsOn: lastZxid)
    }

    private static func names(of node: ZNode) -> [String] {
        node.children.map { String($0.name) }
    }

    private func readable(_ path: String, by caller: Caller) throws(ErrorCode) -> ZNode {
        guard let node = node(path) else { throw .noNode }
        try Self.require(.read, of: node, by: caller)
        return node
    }
}
