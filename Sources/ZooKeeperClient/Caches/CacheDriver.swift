internal import Runtime
internal import ServiceModel
internal import ZooKeeperProtocol

/// Carries out what a cache's engine wants, and tells its listeners.
///
/// Owner: the loop of its session, on which events and replies come in wire order.
actor CacheDriver: LoopHandler {
    private let session: ZooKeeperSession
    private let loop: EventLoop
    private let path: String
    private let mode: AddWatchRequest.Mode
    private(set) var engine: CacheEngine
    private var subscriber: UInt64?
    private var listeners: [ElementBuffer<CacheChange>] = []
    private var starters: [CheckedContinuation<Result<Void, ZooKeeperError>, Never>] = []
    private var isClosed = false
    private var hasTimer = false

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(_ session: ZooKeeperSession, _ path: String, depthMax: Int, nodesMax: Int?) {
        (self.session, loop, self.path) = (session, session.loop, path)
        mode = depthMax == 0 ? .persistent : .persistentRecursive
        engine = CacheEngine(
            path,
            depthMax: depthMax,
            nodesMax: nodesMax ?? Limits.cachedZNodesMax
        )
    }

    deinit {
        guard let subscriber else { return }
        loop.post { [session, path] in
            session.assumeIsolated { $0.unsubscribe(subscriber, path) }
        }
    }

    /// Begins, and returns when all is read.
    func start() async throws(ZooKeeperError) {
        guard !engine.isInitialized else { return }
        let outcome = await withCheckedContinuation { starter in
            starters.append(starter)
            if isClosed {
                end(ZooKeeperError(.closed, "the cache of \(path) is closed"))
            } else if subscriber == nil {
                subscriber = session.assumeIsolated {
                    $0.openPort(path, mode) { [weak self] message in
                        self?.assumeIsolated { $0.take(message) }
                    }
                }
            }
        }
        try outcome.get()
    }

    func close(_ error: ZooKeeperError? = nil) {
        guard !isClosed else { return }
        isClosed = true
        if let subscriber {
            session.assumeIsolated { $0.unsubscribe(subscriber, path) }
        }
        subscriber = nil
        end(error)
    }

    /// Another listener.
    func changes(_ bufferedMax: Int?) -> ElementBuffer<CacheChange> {
        let capacity = bufferedMax ?? Limits.cacheChangesBufferedMax
        let buffer = ElementBuffer<CacheChange>(capacity: capacity)
        if isClosed || engine.failure != nil {
            buffer.finish(engine.failure)
        } else {
            listeners.append(buffer)
        }
        return buffer
    }

    /// The top's children, by name.
    var children: [CachedZNode] {
        engine.entries[path]?.children.sorted().compactMap { name in
            engine.entries[ZNodePath.join(path, name)]?.node
        } ?? []
    }

    /// Nobody reads the changes any more.
    nonisolated func drop(_ buffer: ElementBuffer<CacheChange>) {
        loop.post { [self] in assumeIsolated { $0.forget(buffer) } }
    }

    private func forget(_ buffer: ElementBuffer<CacheChange>) {
        buffer.finish()
        listeners.removeAll { $0 === buffer }
    }

    /// Part of `LoopHandler`: the pause is over.
    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            me.hasTimer = false
            me.engine.resume()
            me.carryOut()
        }
    }

    private func take(_ message: WatchSinks.Message) {
        guard !isClosed else { return }
        switch message {
        case .established: engine.established()
        case .element(let element): engine.take(element)
        case .reply(let tag, let result): engine.take(result, tag: tag)
        case .ended(let error):
            subscriber = nil
            isClosed = true
            end(error ?? ZooKeeperError(.closed, "the session of the cache of \(path) is closed"))
            return
        }
        carryOut()
    }

    private func carryOut() {
        for change in engine.takeChanges() {
            for listener in listeners { listener.push(change) }
        }
        if let failure = engine.failure {
            close(failure)
            return
        }
        if engine.isInitialized { resumeStarters(.success(())) }
        guard let subscriber else { return }
        while let (tag, request) = engine.next() {
            session.assumeIsolated { $0.submit(request, .port(subscriber, tag: tag)) }
        }
        guard engine.isPaused, !hasTimer else { return }
        hasTimer = true
        _ = loop.setTimer(at: loop.now + Limits.cachePause, handler: self, token: 0)
    }

    private func end(_ error: ZooKeeperError?) {
        for listener in listeners { listener.finish(error) }
        listeners = []
        let closed = ZooKeeperError(.closed, "the cache of \(path) is closed")
        resumeStarters(.failure(error ?? closed))
    }

    private func resumeStarters(_ outcome: Result<Void, ZooKeeperError>) {
        for starter in starters { starter.resume(returning: outcome) }
        starters = []
    }
}
