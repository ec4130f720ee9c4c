internal import ZooKeeperProtocol

/// The path in front of all of a session's paths: put there on the way out, taken off on the way in.
///
/// Servers know nothing of it. Outgoing paths are checked on the way, since a server answers a bad path
/// of some operations with "no node" and of others by closing the connection.
struct Chroot: Equatable {
    /// Without a slash at its end; empty for none.
    let prefix: String

    init(_ path: String) { prefix = path == ZNodePath.root ? "" : path }

    /// The server's path for one of the user's.
    ///
    /// - Throws: `ZooKeeperError` `.badArgument` for what is not a path.
    func full(_ path: String, isSequential: Bool = false) throws(ZooKeeperError) -> String {
        do throws(ZNodePathError) {
            // The number that follows makes "/queue/" a path.
            try ZNodePath.validate(isSequential ? path + "0" : path)
        } catch {
            throw ZooKeeperError(.badArgument, "\"\(path)\": \(error)")
        }
        if prefix.isEmpty { return path }
        return path == ZNodePath.root ? prefix : prefix + path
    }

    /// The user's path for one of the server's; paths elsewhere are left as they are.
    func own(_ path: String) -> String {
        guard !prefix.isEmpty, ZNodePath.isSame(path, orBelow: prefix) else { return path }
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        return rest.isEmpty ? ZNodePath.root : String(Substring(rest))
    }

    /// The same request with the server's paths.
    ///
    /// - Throws: `ZooKeeperError` `.badArgument` for what is not a path, and for requests that are the
    ///   session's own business.
    func full(_ request: Request) throws(ZooKeeperError) -> Request {
        switch request {
        case .create(let record): return .create(try full(record))
        case .create2(let record): return .create2(try full(record))
        case .createContainer(let record): return .createContainer(try full(record))
        case .createTTL(var record):
            record.create = try full(record.create)
            return .createTTL(record)
        case .delete(var record):
            record.path = try full(record.path)
            return .delete(record)
        case .setData(var record):
            record.path = try full(record.path)
            return .setData(record)
        case .setACL(var record):
            record.path = try full(record.path)
            return .setACL(record)
        case .check(var record):
            record.path = try full(record.path)
            return .check(record)
        case .multi(let record): return .multi(try full(record))
        default: return try fullRead(request)
        }
    }

    private func fullRead(_ request: Request) throws(ZooKeeperError) -> Request {
        switch request {
        case .exists(var record):
            record.path = try full(record.path)
            return .exists(record)
        case .getData(var record):
            record.path = try full(record.path)
            return .getData(record)
        case .getACL(var record):
            record.path = try full(record.path)
            return .getACL(record)
        case .getChildren(let record): return .getChildren(try full(record))
        case .getChildren2(let record): return .getChildren2(try full(record))
        case .sync(var record):
            record.path = try full(record.path)
            return .sync(record)
        case .multiRead(let record): return .multiRead(try full(record))
        case .checkWatches(let record): return .checkWatches(try full(record))
        case .removeWatches(let record): return .removeWatches(try full(record))
        case .getEphemerals(var record):
            record.prefix =
                record.prefix == ZNodePath.root && !prefix.isEmpty
                ? prefix : prefix + record.prefix
            return .getEphemerals(record)
        case .getAllChildrenNumber(var record):
            record.path = try full(record.path)
            return .getAllChildrenNumber(record)
        case .addWatch(var record):
            record.path = try full(record.path)
            return .addWatch(record)
        case .whoAmI, .reconfig: return request
        default:
            throw ZooKeeperError(.badArgument, "\(request.opCode) is sent by the session itself")
        }
    }

    private func full(_ record: CreateRequest) throws(ZooKeeperError) -> CreateRequest {
        var record = record
        let isSequential = record.mode?.isSequential ?? false
        record.path = try full(record.path, isSequential: isSequential)
        return record
    }

    private func full(_ record: GetChildrenRequest) throws(ZooKeeperError) -> GetChildrenRequest {
        var record = record
        record.path = try full(record.path)
        return record
    }

    private func full(_ record: WatcherRequest) throws(ZooKeeperError) -> WatcherRequest {
        var record = record
        record.path = try full(record.path)
        return record
    }

    private func full(_ record: MultiRequest) throws(ZooKeeperError) -> MultiRequest {
        var operations: [MultiRequest.Operation] = []
        operations.reserveCapacity(record.operations.count)
        for operation in record.operations { operations.append(try full(operation)) }
        return MultiRequest(operations)
    }

    private func full(
        _ operation: MultiRequest.Operation
    ) throws(ZooKeeperError) -> MultiRequest.Operation {
        switch operation {
        case .create(let record): return .create(try full(record))
        case .create2(let record): return .create2(try full(record))
        case .createContainer(let record): return .createContainer(try full(record))
        case .createTTL(var record):
            record.create = try full(record.create)
            return .createTTL(record)
        case .delete(var record):
            record.path = try full(record.path)
            return .delete(record)
        case .setData(var record):
            record.path = try full(record.path)
            return .setData(record)
        case .check(var record):
            record.path = try full(record.path)
            return .check(record)
        }
    }

    private func full(_ record: MultiReadRequest) throws(ZooKeeperError) -> MultiReadRequest {
        var operations: [MultiReadRequest.Operation] = []
        for operation in record.operations {
            switch operation {
            case .getData(var record):
                record.path = try full(record.path)
                operations.append(.getData(record))
            case .getChildren(let record): operations.append(.getChildren(try full(record)))
            }
        }
        return MultiReadRequest(operations)
    }

    /// The same response with the user's paths.
    func own(_ response: Response, to opCode: OpCode) -> Response {
        guard !prefix.isEmpty else { return response }
        switch response {
        case .path(let path): return .path(own(path))
        case .created(var record):
            record.path = own(record.path)
            return .created(record)
        case .names(let paths) where opCode == .getEphemerals: return .names(paths.map(own))
        case .multi(let record):
            return .multi(MultiResponse(record.results.map(own)))
        default: return response
        }
    }

    private func own(_ result: MultiResponse.Result) -> MultiResponse.Result {
        switch result {
        case .create(let path): return .create(path: own(path))
        case .create2(var record):
            record.path = own(record.path)
            return .create2(record)
        default: return result
        }
    }
}
