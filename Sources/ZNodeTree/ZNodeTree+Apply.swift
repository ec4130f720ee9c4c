public import ServiceModel
public import ZooKeeperProtocol

extension ZNodeTree {
    /// Carries out one request of a session.
    ///
    /// Requests that only a server can answer (ping, auth) get an empty answer here.
    ///
    /// - Parameters:
    ///   - request: As decoded; nothing about it needs to be right.
    ///   - caller: Whose request it is.
    ///   - time: What new and changed nodes are stamped with.
    /// - Returns: The answer and the watches that fired; a failed request changes nothing.
    /// - Complexity: O(1) in the sizes of the tree, of child lists and of sessions for every change; O(result) for
    ///   listings and counts, O(ephemerals) for closeSession.
    public mutating func apply(
        _ request: Request,
        by caller: Caller,
        at time: UnixTime
    ) -> Outcome {
        if let operation = MultiRequest.Operation(request) {
            return write(at: time) { (tree, journal) throws(ErrorCode) in
                Response(try tree.perform(operation, by: caller, &journal))
            }
        }
        switch request {
        case .multi(let request): return multi(request, by: caller, at: time)
        case .setACL(let request):
            return write(at: time) { (tree, journal) throws(ErrorCode) in
                .stat(try tree.setACL(request, by: caller, &journal).stat)
            }
        case .closeSession:
            return endSession(caller.session) ?? failed(.sessionExpired)
        default:
            var hits: [WatchHit] = []
            do throws(ErrorCode) {
                let answer = try read(request, by: caller, &hits)
                return Outcome(
                    result: .success(answer.response),
                    zxid: lastZxid,
                    dependsOn: answer.dependsOn,
                    isChange: false,
                    hits: hits
                )
            } catch {
                var outcome = failed(error)
                if error == .noNode { outcome.dependsOn = absence(of: request.readPath) }
                return outcome
            }
        }
    }

    /// What the absence of a node rests on: the last change of its parent's list, if there is a parent.
    private func absence(of path: String?) -> Int64 {
        guard let parent = path.flatMap({ ZNodePath.parent(of: $0) }) else { return lastZxid }
        return node(parent)?.touched ?? lastZxid
    }

    /// One write; it checks everything before its first step, so there is nothing to undo.
    private mutating func write(
        at time: UnixTime,
        _ body: (inout ZNodeTree, inout Journal) throws(ErrorCode) -> Response
    ) -> Outcome {
        var journal = Journal(zxid: lastZxid &+ 1, time: time, &spareSteps)
        defer { journal.end(&spareSteps) }
        do throws(ErrorCode) {
            let response = try body(&self, &journal)
            return committed(journal, response)
        } catch {
            var outcome = failed(error)
            outcome.excesses = journal.excesses
            return outcome
        }
    }

    /// All or nothing: at the first failure what was done is undone, last step first.
    private mutating func multi(
        _ request: MultiRequest,
        by caller: Caller,
        at time: UnixTime
    ) -> Outcome {
        var journal = Journal(zxid: lastZxid &+ 1, time: time, &spareSteps)
        defer { journal.end(&spareSteps) }
        var results: [MultiResponse.Result] = []
        results.reserveCapacity(request.operations.count)
        effort += request.operations.count
        for (index, operation) in request.operations.enumerated() {
            do throws(ErrorCode) {
                results.append(try part(operation, by: caller, &journal))
            } catch {
                undo(journal)
                if error == .marshallingError { return failed(error) }
                let count = request.operations.count
                let response = MultiResponse(failedAt: index, error, count: count)
                var outcome = unchanged(.multi(response))
                outcome.excesses = journal.excesses.filter(\.isRefused)
                return outcome
            }
        }
        return committed(journal, .multi(MultiResponse(results)))
    }

    /// One part of a multi: here the flags alone say what a create makes (ZooKeeper 3.8 Op.Create).
    ///
    /// - Throws: MARSHALLINGERROR, for the multi as a whole, when the flags want a TTL that the part has no room for.
    private mutating func part(
        _ operation: MultiRequest.Operation,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) -> MultiResponse.Result {
        guard let request = operation.createRequest else {
            return try perform(operation, by: caller, &journal)
        }
        switch request.mode {
        case .container: return try created(request, as: .container, by: caller, &journal)
        case .persistentTTL, .persistentSequentialTTL:
            guard case .createTTL = operation else { throw .marshallingError }
            return try perform(operation, by: caller, &journal)
        default: return try perform(.create(request), by: caller, &journal)
        }
    }

    private mutating func perform(
        _ operation: MultiRequest.Operation,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) -> MultiResponse.Result {
        switch operation {
        case .create(let request):
            let node = try create(request, as: .plain, by: caller, &journal)
            return .create(path: node.path)
        case .create2(let request):
            return try created(request, as: .plain, by: caller, &journal)
        case .createContainer(let request):
            return try created(request, as: .container, by: caller, &journal)
        case .createTTL(let request):
            let flavour = CreateFlavour.ttl(milliseconds: request.ttlMilliseconds)
            return try created(request.create, as: flavour, by: caller, &journal)
        case .delete(let request):
            try delete(request, by: caller, &journal)
            return .delete
        case .setData(let request):
            return .setData(try setData(request, by: caller, &journal).stat)
        case .check(let request):
            _ = try check(request, by: caller)
            return .check
        }
    }

    private mutating func created(
        _ request: CreateRequest,
        as flavour: CreateFlavour,
        by caller: Caller,
        _ journal: inout Journal
    ) throws(ErrorCode) -> MultiResponse.Result {
        let node = try create(request, as: flavour, by: caller, &journal)
        return .create2(Create2Response(path: node.path, stat: node.stat))
    }

    /// The journal becomes the next zxid, if it changed anything, and fires the watches.
    ///
    /// A multi whose record is too long for the log is undone and fails as a whole with MARSHALLINGERROR.
    mutating func committed(_ journal: Journal, _ response: Response) -> Outcome {
        guard !journal.steps.isEmpty else { return unchanged(response) }
        guard record(journal) else {
            undo(journal)
            return failed(.marshallingError)
        }
        lastZxid = journal.zxid
        return Outcome(
            result: .success(response),
            zxid: journal.zxid,
            dependsOn: journal.zxid,
            isChange: true,
            hits: fire(journal),
            excesses: journal.excesses
        )
    }

    private func unchanged(_ response: Response) -> Outcome {
        Outcome(
            result: .success(response),
            zxid: lastZxid,
            dependsOn: lastZxid,
            isChange: false,
            hits: []
        )
    }

    /// A failure may rest on any earlier change, so it waits for all of them.
    private func failed(_ code: ErrorCode) -> Outcome {
        Outcome(
            result: .failure(code),
            zxid: lastZxid,
            dependsOn: lastZxid,
            isChange: false,
            hits: []
        )
    }
}

extension Request {
    /// The node that a read is about; nil for requests about none, or about more than one.
    fileprivate var readPath: String? {
        switch self {
        case .exists(let request): request.path
        case .getData(let request): request.path
        case .getChildren(let request), .getChildren2(let request): request.path
        case .getACL(let request): request.path
        default: nil
        }
    }
}

extension MultiRequest.Operation {
    /// The writes that stand alone as well as in a multi; nil for everything else.
    fileprivate init?(_ request: Request) {
        switch request {
        case .create(let request): self = .create(request)
        case .create2(let request): self = .create2(request)
        case .createContainer(let request): self = .createContainer(request)
        case .createTTL(let request): self = .createTTL(request)
        case .delete(let request): self = .delete(request)
        case .setData(let request): self = .setData(request)
        default: return nil
        }
    }

    /// What a create of any kind asks for; nil for everything else.
    fileprivate var createRequest: CreateRequest? {
        switch self {
        case .create(let request), .create2(let request), .createContainer(let request): request
        case .createTTL(let request): request.create
        case .delete, .setData, .check: nil
        }
    }
}

extension Response {
    /// The answer when the operation stood alone.
    fileprivate init(_ result: MultiResponse.Result) {
        switch result {
        case .create(let path): self = .path(path)
        case .create2(let created): self = .created(created)
        case .setData(let stat): self = .stat(stat)
        case .getData(let data): self = .data(data)
        case .getChildren(let names): self = .names(names)
        case .delete, .check, .error: self = .empty
        }
    }
}
