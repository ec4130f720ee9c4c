import ZNodeTree
import ZooKeeperProtocol

/// Requests with their answers. Reads and watches here, writes in a file of their own.
extension ReferenceServer {
    struct Answer {
        var result: Result<Response, ErrorCode>
        /// The last change that the answer shows.
        var shows: Int64
        /// The change after which it has to leave.
        var due: Int64
        var events: [(connection: UInt64, event: WatchEvent)] = []
    }

    mutating func answer(
        _ request: Request,
        on id: UInt64,
        _ session: Int64,
        _ time: Int64
    ) -> Answer {
        let caller = connections[id]?.identities ?? []
        switch request {
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .multi:
            return write(request, PlainCaller(session: session, identities: caller), time)
        case .exists(let request):
            if request.path.utf8.contains(0) { return about(request.path, .failure(.badArguments)) }
            if request.watch { watches.add(.data, .oneShot, request.path, id) }
            let stat = tree.stat(request.path)
            return about(request.path, stat.map { .success(.stat($0)) } ?? .failure(.noNode))
        case .getData(let request):
            let result = data(request.path, caller)
            if request.watch, case .success = result {
                watches.add(.data, .oneShot, request.path, id)
            }
            return about(request.path, result.map { .data($0) })
        case .getChildren(let request):
            return about(request.path, list(request, id, caller).map { .names($0.children) })
        case .getChildren2(let request):
            return about(request.path, list(request, id, caller).map { .children($0) })
        case .getACL(let request): return about(request.path, accessList(request.path, caller))
        case .check(let request):
            let result = PlainWriter.check(request, in: tree, caller)
            return about(request.path, result.map { .empty })
        case .multiRead(let request): return now(.success(.multi(multiRead(request, caller))))
        case .sync(let request): return now(.success(.path(request.path)))
        case .getEphemerals(let request):
            let words = request.prefix.utf8.filter { $0 > 32 }
            let isForAll = words.isEmpty || words == [47]
            let own = tree.ephemerals(session).filter {
                isForAll || $0.bytes.starts(with: request.prefix.utf8)
            }
            return now(.success(.names(own.map(\.description))))
        case .getAllChildrenNumber(let request):
            // Names are compared, and the root's begins with the empty one too.
            let root: Int32 = request.path.isEmpty ? 1 : 0
            let count = Int32(tree.descendants(request.path)) + root
            return now(data(request.path, caller).map { _ in .number(count) })
        case .whoAmI:
            let who = caller.map { identity in
                let isDigest = identity.scheme == "digest"
                let user = isDigest ? PlainAccess.user(identity.id) : identity.id
                return ClientIdentity(scheme: identity.scheme, user: user)
            }
            return Answer(result: .success(.identities(who)), shows: 0, due: 0)
        case .addWatch, .removeWatches, .checkWatches, .setWatches, .setWatches2:
            return aboutWatches(request, id)
        case .ping, .auth, .closeSession, .reconfig:
            return Answer(result: .failure(.unimplemented), shows: 0, due: 0)
        }
    }

    /// An answer that rests on one path; one that says that it is not there may wait for everything.
    func about(_ path: String, _ result: Result<Response, ErrorCode>) -> Answer {
        let changed = tree.changed(path)
        if case .failure = result { return Answer(result: result, shows: changed, due: lastZxid) }
        return Answer(result: result, shows: changed, due: changed)
    }

    /// An answer that rests on everything.
    private func now(_ result: Result<Response, ErrorCode>) -> Answer {
        Answer(result: result, shows: lastZxid, due: lastZxid)
    }

    private func data(
        _ path: String,
        _ caller: [Identity]
    ) -> Result<GetDataResponse, ErrorCode> {
        guard let node = tree.node(path), let stat = tree.stat(path) else {
            return .failure(.noNode)
        }
        guard PlainAccess.allows(.read, node.acl, caller) else { return .failure(.noAuth) }
        return .success(GetDataResponse(data: node.data, stat: stat))
    }

    private mutating func list(
        _ request: GetChildrenRequest,
        _ id: UInt64,
        _ caller: [Identity]
    ) -> Result<GetChildren2Response, ErrorCode> {
        let result = data(request.path, caller)
        if request.watch, case .success = result {
            watches.add(.children, .oneShot, request.path, id)
        }
        let children = tree.children(request.path)
        return result.map { GetChildren2Response(children: children, stat: $0.stat) }
    }

    private func accessList(
        _ path: String,
        _ caller: [Identity]
    ) -> Result<Response, ErrorCode> {
        guard let node = tree.node(path), let stat = tree.stat(path) else {
            return .failure(.noNode)
        }
        let isAdmin = PlainAccess.allows(.admin, node.acl, caller)
        guard isAdmin || PlainAccess.allows(.read, node.acl, caller) else {
            return .failure(.noAuth)
        }
        let acl = isAdmin ? node.acl : PlainAccess.masked(node.acl)
        return .success(.acl(GetACLResponse(acl: acl, stat: stat)))
    }

    private func multiRead(_ request: MultiReadRequest, _ caller: [Identity]) -> MultiResponse {
        MultiResponse(
            request.operations.map { operation in
                let result: Result<MultiResponse.Result, ErrorCode>
                switch operation {
                case .getData(let request):
                    result = data(request.path, caller).map { .getData($0) }
                case .getChildren(let request):
                    let children = tree.children(request.path)
                    result = data(request.path, caller).map { _ in .getChildren(children) }
                }
                switch result {
                case .success(let part): return part
                case .failure(let code): return .error(code)
                }
            }
        )
    }

    // MARK: Watches

    private mutating func aboutWatches(_ request: Request, _ id: UInt64) -> Answer {
        var answer = Answer(result: .success(.empty), shows: 0, due: 0)
        switch request {
        case .addWatch(let request):
            let isRecursive = request.mode == .persistentRecursive
            persist(request.path, isRecursive ? .recursive : .persistent, id)
            answer.result = .success(.error(.ok))
        case .checkWatches(let request):
            if !watches.has(request.type, request.path, id) { return nobody }
        case .removeWatches(let request):
            if !watches.has(request.type, request.path, id) { return nobody }
            watches.remove(request.type, request.path, id)
        case .setWatches(let request): answer = catchUp(request, id)
        case .setWatches2(let request):
            answer = catchUp(request.oneShot, id)
            for path in request.persistentWatches { persist(path, .persistent, id) }
            for path in request.persistentRecursiveWatches { persist(path, .recursive, id) }
        default: break
        }
        return answer
    }

    private var nobody: Answer {
        Answer(result: .failure(.noWatcher), shows: 0, due: lastZxid)
    }

    private mutating func persist(_ path: String, _ mode: PlainWatches.Mode, _ id: UInt64) {
        watches.add(.data, mode, path, id)
        watches.add(.children, mode, path, id)
    }

    private mutating func catchUp(_ request: SetWatchesRequest, _ id: UInt64) -> Answer {
        var answer = Answer(result: .success(.empty), shows: 0, due: lastZxid)
        func tell(_ kind: WatchEvent.Kind, _ path: String) {
            answer.events.append((id, WatchEvent(kind, path: path)))
            answer.shows = max(answer.shows, tree.changed(path))
        }
        for path in request.dataWatches {
            guard let node = tree.node(path) else {
                tell(.nodeDeleted, path)
                continue
            }
            if node.mzxid > request.relativeZxid {
                tell(.nodeDataChanged, path)
            } else {
                watches.add(.data, .oneShot, path, id)
            }
        }
        for path in request.existWatches {
            if tree.node(path) != nil {
                tell(.nodeCreated, path)
            } else {
                watches.add(.data, .oneShot, path, id)
            }
        }
        for path in request.childWatches {
            guard let node = tree.node(path) else {
                tell(.nodeDeleted, path)
                continue
            }
            if node.pzxid > request.relativeZxid {
                tell(.nodeChildrenChanged, path)
            } else {
                watches.add(.children, .oneShot, path, id)
            }
        }
        return answer
    }
}
