import ServiceModel
import ZooKeeperProtocol

/// What a create makes, besides what its flags say.
enum CreateFlavour {
    case plain
    case container
    case ttl(milliseconds: Int64)
}

/// The single writes, each with its checks in ZooKeeper 3.8's order (PrepRequestProcessor.pRequest2Txn).
extension ZNodeTree {
    mutating func create(
        _ request: CreateRequest,
        as flavour: CreateFlavour,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) -> ZNode {
        let (mode, kind) = try Self.modeAndKind(request, flavour, caller)
        let scan = PathScan(request.path)
        guard let slash = scan.lastSlash, scan.isPlain || !Self.hasNUL(request.path) else {
            throw .badArguments
        }
        let acl = try Self.effective(request.acl, for: caller)
        var hash = PathHash()
        guard let parent = parent(of: request.path, endingAt: slash, &hash) else { throw .noNode }
        try Self.require(.create, of: parent, by: caller)
        let path =
            mode.isSequential
            ? ZNodePath.sequential(request.path, number: parent.creations) : request.path
        guard scan.isPlain && !mode.isSequential || ZNodePath.isValid(path) else {
            throw .badArguments
        }
        let length = path.utf8.count
        let value = hash.advance(to: length, of: path)
        guard nodes.find(path, length: length, hash: value) == nil else { throw .nodeExists }
        guard parent.owner == 0 else { throw .noChildrenForEphemerals }
        let node = ZNode(
            path: path,
            hash: value,
            kind: kind,
            parent: parent,
            data: request.data,
            access: accessLists.list(acl),
            zxid: journal.zxid,
            milliseconds: journal.time.milliseconds
        )
        if case .ephemeral(let id) = kind, sessions[id] == nil { throw .sessionExpired }
        if let quota = quota(forNew: node, below: parent) {
            try admit(Int64(request.data?.count ?? 0), count: 1, to: quota, &journal)
        }
        insert(node, below: parent, &journal)
        return node
    }

    mutating func delete(
        _ request: DeleteRequest,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) {
        guard !BuiltIn.contains(request.path) else { throw .badArguments }
        guard let node = nodes.find(request.path), let parent = node.parent else {
            throw try failure(toDelete: request.path, by: caller)
        }
        try Self.require(.delete, of: parent, by: caller)
        try Self.require(version: request.version, of: node.version)
        guard node.childCount == 0 else { throw .notEmpty }
        remove(node, from: parent, &journal)
    }

    mutating func setData(
        _ request: SetDataRequest,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) -> ZNode {
        let node = try existing(request.path)
        try Self.require(.write, of: node, by: caller)
        let difference = Int64((request.data?.count ?? 0) - (node.data?.count ?? 0))
        let quota = quota(for: node)
        if let quota { try admit(difference, count: 0, to: quota, &journal) }
        try Self.require(version: request.version, of: node.version)
        journal.steps.append(
            .dataSet(
                node,
                node.data,
                version: node.version,
                mzxid: node.mzxid,
                mtime: node.mtime,
                touched: node.touched
            )
        )
        replaceData(of: node, with: request.data)
        node.version &+= 1
        (node.mzxid, node.mtime) = (journal.zxid, journal.time.milliseconds)
        node.touched = journal.zxid
        reconsider(node)
        if let quota { count(difference, nodes: 0, in: quota, &journal) }
        return node
    }

    mutating func setACL(
        _ request: SetACLRequest,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) -> ZNode {
        guard ZNodePath.isValid(request.path) else { throw .badArguments }
        let acl = try Self.effective(request.acl, for: caller)
        guard let node = node(request.path) else { throw .noNode }
        try Self.require(.admin, of: node, by: caller)
        try Self.require(version: request.version, of: node.aversion)
        journal.steps.append(
            .aclSet(node, node.access, version: node.aversion, touched: node.touched)
        )
        setAccess(of: node, to: accessLists.list(acl))
        node.touched = journal.zxid
        node.aversion &+= 1
        return node
    }

    /// Part of a multi; standing alone it is a read.
    func check(_ request: CheckVersionRequest, by caller: Caller) throws(ErrorCode) -> ZNode {
        let node = try existing(request.path)
        try Self.require(.read, of: node, by: caller)
        try Self.require(version: request.version, of: node.version)
        return node
    }

    /// The node at a path; where there is one, the path is valid.
    private func existing(_ path: String) throws(ErrorCode) -> ZNode {
        if let node = nodes.find(path) { return node }
        throw ZNodePath.isValid(path) ? .noNode : .badArguments
    }

    /// Why a node that is not there cannot be deleted.
    private func failure(
        toDelete path: String,
        by caller: Caller
    ) throws(ErrorCode) -> ErrorCode {
        guard let slash = PathScan(path).lastSlash, !Self.hasNUL(path) else { return .badArguments }
        var hash = PathHash()
        guard let parent = parent(of: path, endingAt: slash, &hash) else { return .noNode }
        try Self.require(.delete, of: parent, by: caller)
        return .noNode
    }

    /// Flags and TTL: the first check of a create.
    private static func modeAndKind(
        _ request: CreateRequest,
        _ flavour: CreateFlavour,
        _ caller: Caller
    ) throws(ErrorCode) -> (CreateMode, ZNodeKind) {
        guard let mode = request.mode else { throw .badArguments }
        switch flavour {
        case .ttl(let milliseconds):
            guard mode.hasTTL, milliseconds > 0, milliseconds <= Limits.ttlMillisecondsMax else {
                throw .badArguments
            }
            return (mode, .ttl(milliseconds: milliseconds))
        case .container, .plain:
            guard !mode.hasTTL else { throw .badArguments }
            if case .container = flavour { return (mode, .container) }
            return (mode, mode.isEphemeral ? .ephemeral(session: caller.session) : .persistent)
        }
    }

    /// The node at what stands before the last slash; the hash has got that far then.
    private func parent(
        of path: String,
        endingAt slash: Int,
        _ hash: inout PathHash
    ) -> ZNode? {
        guard slash > 0 else { return root }
        return nodes.find(path, length: slash, hash: hash.advance(to: slash, of: path))
    }

    static func hasNUL(_ path: String) -> Bool {
        let bytes = path.utf8.span
        // Without a branch, so that it goes by many bytes at a time.
        var least = UInt8.max
        for index in bytes.indices { least = min(least, bytes[index]) }
        return least == 0
    }

    private static func require(version: Int32, of actual: Int32) throws(ErrorCode) {
        guard version == -1 || version == actual else { throw .badVersion }
    }
}
