public import ServiceModel
public import ZooKeeperProtocol

/// Keeps one ephemeral znode in the tree, whatever happens to connections, sessions and the znode.
///
/// Step of the data flow: events of a session come in, one request at a time goes out. A znode in the
/// way, usually left by an earlier session, is replaced in one transaction, so that watchers never see a
/// gap. Invariants: it never gives up; after `Limits.lossesMax` losses to others within
/// `Limits.lossWindow` it backs off, as two processes claim one name. A watch on the znode tells of its
/// deletion by hand. Owner: the registrar, on its event loop.
public struct RegistrationEngine: Sendable {
    /// What the shell has to do after an input.
    public struct Output: Equatable, Sendable {
        /// The request to submit; its reply, whatever it is, comes to `receive`.
        public var request: Request?
        /// Set when the status changed.
        public var status: RegistrationStatus?
        /// When to call `retry`; nil for never.
        public var retryAt: Instant?

        /// Creates an output; by default nothing is to be done.
        public init(
            request: Request? = nil,
            status: RegistrationStatus? = nil,
            retryAt: Instant? = nil
        ) {
            (self.request, self.status, self.retryAt) = (request, status, retryAt)
        }
    }

    /// The request whose reply is awaited.
    private enum Step: Equatable {
        case create
        /// Creating the ancestor with that index.
        case ancestor(Int)
        /// Looking who owns the znode, with a watch.
        case look
        case replace
        case delete
    }

    /// The znode.
    public let path: String
    private let data: [UInt8]
    private let ancestors: [String]
    /// How it stands.
    public private(set) var status = RegistrationStatus.waiting
    /// True when the registration has ended and nothing of it can be left in the tree.
    public var isDone: Bool { !isWanted && !wasOurs && !mayBeOurs && step == nil }
    private var session: Int64 = 0
    private var step: Step?
    /// True when the znode may have changed since the awaited request was sent.
    private var mustLook = false
    private var isWanted = true
    private var isConnected = false
    /// True when the znode was ours in this session, so that another owner is a loss.
    private var wasOurs = false
    /// True when a request of this session that makes the znode was sent, and its reply was lost.
    private var mayBeOurs = false
    private var losses: [Instant] = []
    private var failures = 0
    private var retryAt: Instant?
    private var output = Output()

    /// Creates an engine that waits for a connection.
    ///
    /// - Parameters:
    ///   - path: Absolute path of the znode, not the root.
    ///   - data: Its data.
    public init(path: String, data: [UInt8] = []) {
        (self.path, self.data) = (path, data)
        var above: [String] = []
        var next = ZNodePath.parent(of: path)
        while let parent = next, parent != ZNodePath.root {
            above.append(parent)
            next = ZNodePath.parent(of: parent)
        }
        ancestors = above.reversed()
    }
}

// MARK: Inputs

extension RegistrationEngine {
    /// The session has a connection.
    ///
    /// - Parameters:
    ///   - session: Its number.
    ///   - now: The moment.
    /// - Returns: A look or a create, or nothing when the registration has ended and left nothing behind.
    public mutating func connected(session: Int64, now: Instant) -> Output {
        let isSame = session == self.session
        (self.session, isConnected, step, mustLook) = (session, true, nil, false)
        if !isSame { (wasOurs, mayBeOurs, losses) = (false, false, []) }
        guard isWanted else { return wasOurs || mayBeOurs ? look(now) : finish(now) }
        if case .contended = status, isSame { return look(now) }
        setStatus(.registering)
        return isSame ? look(now) : send(.create)
    }

    /// The session has no connection.
    public mutating func disconnected() -> Output {
        if step == .create || step == .replace { mayBeOurs = true }
        (isConnected, step, mustLook, retryAt) = (false, nil, false, nil)
        setStatus(isWanted ? .waiting : .ended)
        return takeOutput()
    }

    /// A watch fired.
    public mutating func receive(_ event: WatchEvent, now: Instant) -> Output {
        guard event.path == path, isConnected else { return takeOutput() }
        guard step == nil else {
            mustLook = true
            return takeOutput()
        }
        return isWanted ? look(now) : takeOutput()
    }

    /// The moment of `Output.retryAt` has come.
    public mutating func retry(now: Instant) -> Output {
        guard let retryAt, retryAt <= now, isConnected, isWanted, step == nil else {
            return takeOutput()
        }
        self.retryAt = nil
        losses = []
        setStatus(.registering)
        return look(now)
    }

    /// Takes the registration back.
    public mutating func end(now: Instant) -> Output {
        isWanted = false
        retryAt = nil
        return step == nil ? finish(now) : takeOutput()
    }

    /// The reply to the request that was submitted last.
    public mutating func receive(_ reply: Result<Response, ErrorCode>, now: Instant) -> Output {
        guard isConnected, let done = step else { return takeOutput() }
        step = nil
        if case .failure(.connectionLoss) = reply {
            if done == .create || done == .replace { mayBeOurs = true }
            return takeOutput()
        }
        switch done {
        case .create: return created(reply, now)
        case .ancestor(let index): return madeAncestor(index, reply, now)
        case .look: return looked(reply, now)
        case .replace: return replaced(reply, now)
        case .delete:
            wasOurs = false
            return finish(now)
        }
    }
}

// MARK: Steps

extension RegistrationEngine {
    private mutating func created(
        _ reply: Result<Response, ErrorCode>,
        _ now: Instant
    ) -> Output {
        switch reply {
        case .success: return becameOurs(now)
        case .failure(.nodeExists): return look(now)
        case .failure(.noNode) where !ancestors.isEmpty: return send(.ancestor(0))
        case .failure(let code): return fail(code, now)
        }
    }

    private mutating func madeAncestor(
        _ index: Int,
        _ reply: Result<Response, ErrorCode>,
        _ now: Instant
    ) -> Output {
        switch reply {
        case .success, .failure(.nodeExists):
            guard isWanted else { return finish(now) }
            return send(index + 1 < ancestors.count ? .ancestor(index + 1) : .create)
        case .failure(let code): return fail(code, now)
        }
    }

    private mutating func looked(_ reply: Result<Response, ErrorCode>, _ now: Instant) -> Output {
        guard isWanted else { return lookedAtTheEnd(reply, now) }
        mayBeOurs = false
        switch reply {
        case .success(.stat(let stat)) where stat.ephemeralOwner == session:
            return isOurs(now)
        case .success(.stat(let stat)): return isTaken(by: stat.ephemeralOwner, now)
        case .failure(.noNode):
            setStatus(.registering)
            return send(.create)
        case .failure(let code): return fail(code, now)
        case .success: return fail(.marshallingError, now)
        }
    }

    /// Only what is ours is taken back: somebody else may have taken the znode over meanwhile.
    private mutating func lookedAtTheEnd(
        _ reply: Result<Response, ErrorCode>,
        _ now: Instant
    ) -> Output {
        guard !mustLook else { return look(now) }
        mayBeOurs = false
        switch reply {
        case .success(.stat(let stat)): wasOurs = stat.ephemeralOwner == session
        case .failure(.noNode): wasOurs = false
        default: break
        }
        return finish(now)
    }

    private mutating func replaced(
        _ reply: Result<Response, ErrorCode>,
        _ now: Instant
    ) -> Output {
        guard case .success(.multi(let response)) = reply else {
            if case .failure(let code) = reply { return fail(code, now) }
            return fail(.marshallingError, now)
        }
        let codes = response.results.compactMap { result -> ErrorCode? in
            if case .error(let code) = result { code } else { nil }
        }
        guard let code = codes.first(where: { $0 != .ok && $0 != .runtimeInconsistency }) else {
            return becameOurs(now)
        }
        return code == .noNode || code == .nodeExists ? look(now) : fail(code, now)
    }

    /// Our request put the znode there; a look sets the watch on it.
    private mutating func becameOurs(_ now: Instant) -> Output {
        (wasOurs, mayBeOurs) = (true, false)
        guard isWanted else { return finish(now) }
        failures = 0
        setStatus(.registered)
        return look(now)
    }

    /// The znode stands, it is ours, and a watch is on it.
    private mutating func isOurs(_ now: Instant) -> Output {
        (wasOurs, failures, retryAt) = (true, 0, nil)
        setStatus(.registered)
        return mustLook ? look(now) : takeOutput()
    }

    private mutating func isTaken(by owner: Int64, _ now: Instant) -> Output {
        if wasOurs {
            wasOurs = false
            losses.removeAll { now - $0 > Limits.lossWindow }
            losses.append(now)
        }
        guard losses.count >= Limits.lossesMax else {
            setStatus(.registering)
            return send(.replace)
        }
        if let retryAt, case .contended = status {
            setStatus(.contended(owner: owner, until: retryAt))
            return mustLook ? look(now) : takeOutput()
        }
        let until = now + Limits.backOff
        retryAt = until
        setStatus(.contended(owner: owner, until: until))
        return mustLook ? look(now) : takeOutput()
    }

    private mutating func fail(_ code: ErrorCode, _ now: Instant) -> Output {
        guard isWanted else { return finish(now) }
        let pause = min(Limits.retryWait * (1 << min(failures, 5)), Limits.backOff)
        failures += 1
        retryAt = now + pause
        setStatus(.failing(code, until: now + pause))
        return takeOutput()
    }

    private mutating func finish(_ now: Instant) -> Output {
        guard isConnected, wasOurs else {
            setStatus(.ended)
            return takeOutput()
        }
        return send(.delete)
    }

    private mutating func look(_ now: Instant) -> Output {
        mustLook = false
        return send(.look)
    }

    private mutating func send(_ step: Step) -> Output {
        self.step = step
        if step != .look { retryAt = nil }
        output.request = request(for: step)
        return takeOutput()
    }

    private mutating func setStatus(_ new: RegistrationStatus) {
        guard new != status else { return }
        status = new
        output.status = new
    }

    private mutating func takeOutput() -> Output {
        output.retryAt = retryAt
        defer { output = Output() }
        return output
    }

    private func request(for step: Step) -> Request {
        let create = CreateRequest(path: path, data: data, mode: .ephemeral)
        let delete = DeleteRequest(path: path, version: -1)
        switch step {
        case .create: return .create(create)
        case .ancestor(let index):
            return .create(CreateRequest(path: ancestors[index], data: [], mode: .persistent))
        case .look: return .exists(ExistsRequest(path: path, watch: true))
        case .replace: return .multi(MultiRequest([.delete(delete), .create(create)]))
        case .delete: return .delete(delete)
        }
    }
}
