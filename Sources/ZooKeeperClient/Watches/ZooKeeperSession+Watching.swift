internal import Runtime
public import ZooKeeperProtocol

// Watches as sequences: those that stay, and reads whose watch fires once.
extension ZooKeeperSession {
    /// Watches a path until the watch is cancelled or nobody has it any more.
    ///
    /// When this returns the watch is set: what is read afterwards, and the events, miss nothing together.
    /// After a reconnect it is set again, after an expiry too, in the next session; both are told as
    /// `.resync`, since servers do not tell what happened meanwhile. Several watches of one path share one
    /// at the server. Servers before 3.6 have none such: there it is made of one-shot watches, one for the
    /// data and one for the children of each znode, and needs the permission to read them. `removeWatches`
    /// with `.any` takes a watch of this kind away without a word.
    ///
    /// - Parameters:
    ///   - path: Absolute; need not exist.
    ///   - mode: `.persistent`: creation, deletion and data of the znode, and changes of its child list;
    ///     `.persistentRecursive`: creation, deletion and data of it and of all below, no child lists.
    ///   - bufferedMax: Events that may wait to be read; 1,024 if not given.
    /// - Returns: The events from now on.
    /// - Throws: `ZooKeeperError`: `.notSent` when no server could be reached, `.overloaded` beyond 100,000
    ///   watches.
    public func watch(
        _ path: String,
        mode: AddWatchRequest.Mode,
        bufferedMax: Int? = nil
    ) async throws(ZooKeeperError) -> Watch {
        let (watch, subscriber) = try makeWatch(path, bufferedMax)
        let outcome = await withCheckedContinuation { continuation in
            watchSinks.wait(subscriber, continuation)
            router.subscribe(subscriber, path, mode)
            carryOutWatching()
        }
        try outcome.get()
        return watch
    }

    /// Reads a znode's data, and watches for other ones.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: Data, Stat, and a watch that fires once, for the first change behind what was read:
    ///   other data, or the znode's deletion. A reconnect loses nothing; an expiry fires `.resync`.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is no such znode.
    public func getData(
        watching path: String
    ) async throws(ZooKeeperError) -> (data: [UInt8]?, stat: Stat, watch: Watch) {
        let (reply, watch) = try await read(path, .data) {
            .getData(GetDataRequest(path: path, watch: $0))
        }
        switch try reply.get().response {
        case .data(let record): return (record.data, record.stat, watch)
        case let other: throw unexpected(other)
        }
    }

    /// Asks for a znode, and watches for its creation, its deletion and other data.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: The Stat, nil when there is no such znode, and a watch as that of `getData`.
    /// - Throws: `ZooKeeperError`.
    public func exists(
        watching path: String
    ) async throws(ZooKeeperError) -> (stat: Stat?, watch: Watch) {
        let (reply, watch) = try await read(path, .existence) {
            .exists(ExistsRequest(path: path, watch: $0))
        }
        if case .failure(let error) = reply, error.server == .noNode { return (nil, watch) }
        switch try reply.get().response {
        case .stat(let stat): return (stat, watch)
        case let other: throw unexpected(other)
        }
    }

    /// Lists a znode's children, and watches for children that come or go.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: Names in no order, the Stat, and a watch as that of `getData`, for the list.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is no such znode.
    public func getChildren(
        watching path: String
    ) async throws(ZooKeeperError) -> (children: [String], stat: Stat, watch: Watch) {
        let (reply, watch) = try await read(path, .children) {
            .getChildren2(GetChildrenRequest(path: path, watch: $0))
        }
        switch try reply.get().response {
        case .children(let record): return (record.children, record.stat, watch)
        case let other: throw unexpected(other)
        }
    }

    // MARK: Inside

    private func read(
        _ path: String,
        _ kind: WatchRouter.OneShotKind,
        _ request: (_ watch: Bool) -> Request
    ) async throws(ZooKeeperError) -> (CallTable.Reply, Watch) {
        let (watch, subscriber) = try makeWatch(path, 1)
        let isCovered = router.covers(path)
        let reply = await withCheckedContinuation { continuation in
            let number = calls.add(continuation)
            let oneShot = WatchRouter.OneShot(path: path, kind: kind, isCovered: isCovered)
            router.expect(subscriber, oneShot, call: number)
            submit(request(!isCovered), .call(number))
        }
        return (reply, watch)
    }

    private func makeWatch(
        _ path: String,
        _ bufferedMax: Int?
    ) throws(ZooKeeperError) -> (watch: Watch, subscriber: UInt64) {
        guard watchSinks.count < Limits.watchSubscribersMax else {
            throw ZooKeeperError(.overloaded, "watch \(path): \(watchSinks.count) are held")
        }
        let buffer = ElementBuffer<WatchElement>(
            capacity: bufferedMax ?? Limits.watchEventsBufferedMax
        )
        let subscriber = watchSinks.add(.buffer(buffer))
        let watch = Watch(path: path, buffer: buffer) { [weak self] in
            self?.forget(watch: subscriber, path)
        }
        return (watch, subscriber)
    }

    private nonisolated func forget(watch subscriber: UInt64, _ path: String) {
        loop.post { [self] in assumeIsolated { $0.unsubscribe(subscriber, path) } }
    }

    /// Gives a closure on the loop what a persistent watch has to say, and the replies to what it submits.
    ///
    /// - Returns: The subscriber's number, for `unsubscribe` and for submissions.
    func openPort(
        _ path: String,
        _ mode: AddWatchRequest.Mode,
        _ port: @escaping WatchSinks.Port
    ) -> UInt64 {
        let subscriber = watchSinks.add(.port(port))
        router.subscribe(subscriber, path, mode)
        // Not before the caller knows the number.
        loop.post { [self] in assumeIsolated { $0.carryOutWatching() } }
        return subscriber
    }

    func unsubscribe(_ subscriber: UInt64, _ path: String) {
        watchSinks.remove(subscriber)
        router.forget(subscriber, path)
        carryOutWatching()
    }

    // MARK: What the session's events mean for watches

    func tellWatches(_ state: SessionState) {
        switch state {
        case .connected, .connectedReadOnly:
            if engine.hasRefusedWatches { router.refused() }
            router.connected()
        case .expired: router.expired()
        case .closed: router.closed(nil)
        case .authFailed:
            router.closed(ZooKeeperError(.authFailed, "watch: a credential was refused"))
        case .connecting, .suspended: break
        }
        carryOutWatching()
    }

    func tellWatches(_ origin: Origin, _ result: Result<Response, ZooKeeperError>) {
        switch origin {
        case .watching(let tag): router.take(result, tag: tag)
        case .call(let number): router.answered(call: number, result)
        case .port(let number, let tag): tell(number, .reply(tag: tag, result))
        case .sink, .batch, .deletion: return
        }
        carryOutWatching()
    }

    private func tell(_ subscriber: UInt64, _ message: WatchSinks.Message) {
        watchSinks.tell(subscriber, message)?(message)
    }

    /// Carries out what the router wants, until it wants nothing more.
    func carryOutWatching() {
        var actions = router.takeActions()
        // Bound: a turn without a new subscriber of a sink's is the last one.
        while actions != WatchRouter.Actions() {
            for asked in actions.requests { submit(asked.request, .watching(tag: asked.tag)) }
            for delivery in actions.deliveries {
                switch delivery {
                case .established(let number): tell(number, .established)
                case .element(let number, let element): tell(number, .element(element))
                case .ended(let number, let error): tell(number, .ended(error))
                }
            }
            actions = router.takeActions()
        }
    }
}
