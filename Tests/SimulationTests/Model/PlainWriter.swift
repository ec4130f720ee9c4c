import ZNodeTree
import ZooKeeperProtocol

/// Whose request it is.
struct PlainCaller {
    var session: Int64
    var identities: [Identity]
}

/// Writes on a copy of the tree: what fails is thrown away with it.
///
/// The order of checks is section 7's.
struct PlainWriter {
    var tree: PlainTree
    let zxid: Int64
    let time: Int64
    let caller: PlainCaller
    var isChange = false

    mutating func create(
        _ request: CreateRequest,
        isContainer: Bool = false,
        ttl: Int64? = nil
    ) -> Result<Create2Response, ErrorCode> {
        guard let mode = request.mode, mode.hasTTL == (ttl != nil) else {
            return .failure(.badArguments)
        }
        if let ttl, !(1..<1 << 40).contains(ttl) { return .failure(.badArguments) }
        guard let parent = Self.parent(request.path) else { return .failure(.badArguments) }
        guard let acl = PlainAccess.stored(request.acl, caller.identities) else {
            return .failure(.invalidACL)
        }
        guard let above = tree.node(parent) else { return .failure(.noNode) }
        guard PlainAccess.allows(.create, above.acl, caller.identities) else {
            return .failure(.noAuth)
        }
        let digits = String(above.creations)
        let suffix = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        let path = PlainPath(request.path + (mode.isSequential ? suffix : ""))
        guard path.isValid else { return .failure(.badArguments) }
        guard tree.nodes[path] == nil else { return .failure(.nodeExists) }
        guard above.owner == 0 else { return .failure(.noChildrenForEphemerals) }
        var node = PlainNode(
            data: request.data,
            acl: acl,
            czxid: zxid,
            mzxid: zxid,
            pzxid: zxid,
            ctime: time,
            mtime: time,
            changed: zxid
        )
        node.owner = mode.isEphemeral && !isContainer ? caller.session : 0
        (node.isContainer, node.ttl) = (isContainer, ttl)
        tree.insert(node, at: path)
        isChange = true
        guard let stat = tree.stat(path.description) else { return .failure(.systemError) }
        return .success(Create2Response(path: path.description, stat: stat))
    }

    mutating func delete(_ request: DeleteRequest) -> Result<Void, ErrorCode> {
        guard let parent = Self.parent(request.path), !PlainTree.builtIn.contains(request.path)
        else { return .failure(.badArguments) }
        guard let above = tree.node(parent) else { return .failure(.noNode) }
        guard PlainAccess.allows(.delete, above.acl, caller.identities) else {
            return .failure(.noAuth)
        }
        guard let node = tree.node(request.path) else { return .failure(.noNode) }
        guard Self.isVersion(request.version, node.version) else { return .failure(.badVersion) }
        guard tree.children(request.path).isEmpty else { return .failure(.notEmpty) }
        tree.remove(PlainPath(request.path), zxid: zxid)
        isChange = true
        return .success(())
    }

    mutating func setData(_ request: SetDataRequest) -> Result<Stat, ErrorCode> {
        let path = PlainPath(request.path)
        guard path.isValid else { return .failure(.badArguments) }
        guard let node = tree.nodes[path] else { return .failure(.noNode) }
        guard PlainAccess.allows(.write, node.acl, caller.identities) else {
            return .failure(.noAuth)
        }
        guard Self.isVersion(request.version, node.version) else { return .failure(.badVersion) }
        tree.setData(path, request.data, zxid: zxid, time: time)
        isChange = true
        return tree.stat(request.path).map { .success($0) } ?? .failure(.systemError)
    }

    mutating func setACL(_ request: SetACLRequest) -> Result<Stat, ErrorCode> {
        let path = PlainPath(request.path)
        guard path.isValid else { return .failure(.badArguments) }
        guard let acl = PlainAccess.stored(request.acl, caller.identities) else {
            return .failure(.invalidACL)
        }
        guard let node = tree.nodes[path] else { return .failure(.noNode) }
        guard PlainAccess.allows(.admin, node.acl, caller.identities) else {
            return .failure(.noAuth)
        }
        guard Self.isVersion(request.version, node.aversion) else { return .failure(.badVersion) }
        tree.setACL(path, acl, zxid: zxid)
        isChange = true
        return tree.stat(request.path).map { .success($0) } ?? .failure(.systemError)
    }

    static func check(
        _ request: CheckVersionRequest,
        in tree: PlainTree,
        _ caller: [Identity]
    ) -> Result<Void, ErrorCode> {
        guard PlainPath(request.path).isValid else { return .failure(.badArguments) }
        guard let node = tree.node(request.path) else { return .failure(.noNode) }
        guard PlainAccess.allows(.read, node.acl, caller) else { return .failure(.noAuth) }
        return isVersion(request.version, node.version) ? .success(()) : .failure(.badVersion)
    }

    /// One part of a multi, with the answer that it has there.
    mutating func perform(
        _ operation: MultiRequest.Operation
    ) -> Result<MultiResponse.Result, ErrorCode> {
        switch operation {
        case .create(let request), .create2(let request), .createContainer(let request):
            part(request, ttl: nil)
        case .createTTL(let request): part(request.create, ttl: request.ttlMilliseconds)
        case .delete(let request): delete(request).map { .delete }
        case .setData(let request): setData(request).map { .setData($0) }
        case .check(let request):
            Self.check(request, in: tree, caller.identities).map { .check }
        }
    }

    /// The flags alone say what a create in a multi makes.
    private mutating func part(
        _ request: CreateRequest,
        ttl: Int64?
    ) -> Result<MultiResponse.Result, ErrorCode> {
        switch request.flags {
        case 4: return create(request, isContainer: true).map { .create2($0) }
        case 5, 6:
            guard let ttl else { return .failure(.marshallingError) }
            return create(request, ttl: ttl).map { .create2($0) }
        default: return create(request).map { .create(path: $0.path) }
        }
    }

    /// What stands before the last slash, empty for the root; nil without a slash, or with a NUL.
    private static func parent(_ path: String) -> String? {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: 47), !bytes.contains(0) else { return nil }
        return String(decoding: bytes[..<slash], as: UTF8.self)
    }

    private static func isVersion(_ wanted: Int32, _ actual: Int32) -> Bool {
        wanted == -1 || wanted == actual
    }
}

extension ReferenceServer {
    mutating func write(_ request: Request, _ caller: PlainCaller, _ time: Int64) -> Answer {
        let zxid = lastZxid + 1
        var writer = PlainWriter(tree: tree, zxid: zxid, time: time, caller: caller)
        let result: Result<Response, ErrorCode>
        switch request {
        case .create(let request): result = writer.create(request).map { .path($0.path) }
        case .create2(let request): result = writer.create(request).map { .created($0) }
        case .createContainer(let request):
            result = writer.create(request, isContainer: true).map { .created($0) }
        case .createTTL(let request):
            result = writer.create(request.create, ttl: request.ttlMilliseconds)
                .map { .created($0) }
        case .delete(let request): result = writer.delete(request).map { .empty }
        case .setData(let request): result = writer.setData(request).map { .stat($0) }
        case .setACL(let request): result = writer.setACL(request).map { .stat($0) }
        case .multi(let request): return multi(request, writer)
        default: result = .failure(.systemError)
        }
        return commit(writer, result)
    }

    private mutating func multi(_ request: MultiRequest, _ writer: PlainWriter) -> Answer {
        var writer = writer
        var results: [MultiResponse.Result] = []
        for (index, operation) in request.operations.enumerated() {
            switch writer.perform(operation) {
            case .success(let result): results.append(result)
            case .failure(.marshallingError):
                return Answer(result: .failure(.marshallingError), shows: 0, due: lastZxid)
            case .failure(let code):
                let codes = request.operations.indices.map { other in
                    other < index ? .ok : other == index ? code : ErrorCode.runtimeInconsistency
                }
                let response = MultiResponse(codes.map { .error($0) })
                return Answer(result: .success(.multi(response)), shows: 0, due: lastZxid)
            }
        }
        return commit(writer, .success(.multi(MultiResponse(results))))
    }

    /// What was written becomes the next zxid, and is told.
    private mutating func commit(
        _ writer: PlainWriter,
        _ result: Result<Response, ErrorCode>
    ) -> Answer {
        guard case .success = result, writer.isChange else {
            return Answer(result: result, shows: 0, due: lastZxid)
        }
        tree = writer.tree
        let zxid = changed()
        remember()
        var answer = Answer(result: result, shows: zxid, due: zxid)
        for change in tree.takeChanges() { answer.events += told(of: change) }
        return answer
    }
}
