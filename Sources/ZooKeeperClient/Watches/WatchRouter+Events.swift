internal import ZooKeeperProtocol

// Events on their way to subscribers, and the one-shot ones among these.
extension WatchRouter {
    /// A watch fired at the server.
    mutating func take(_ event: WatchEvent) {
        guard !entries.isEmpty || !oneShots.isEmpty else { return }
        route(event)
        // What a recursive watch does not say, but a plain one of the same path would.
        if event.type == .nodeCreated || event.type == .nodeDeleted,
            let parent = ZNodePath.parent(of: event.path), entries[parent]?.isRecursive == true
        {
            let change = WatchEvent(.nodeChildrenChanged, path: parent, state: event.state)
            deliverPlain(change, at: parent)
            fireOneShots(change)
        }
        guard isEmulating else { return }
        for path in emulations.keys.sorted() {
            emulations[path]?.take(event)
            advance(path)
        }
    }

    private mutating func route(_ event: WatchEvent) {
        fireOneShots(event)
        guard !isEmulating, !entries.isEmpty else { return }
        guard event.type != .nodeChildrenChanged else {
            // ZooKeeper 3.9 keeps a plain watch beside a recursive one, 3.8 does not: there is one way
            // of telling for both.
            if entries[event.path]?.isRecursive == false { deliverPlain(event, at: event.path) }
            return
        }
        deliverPlain(event, at: event.path)
        var path: String? = event.path
        while let next = path {
            deliverRecursive(event, at: next)
            path = ZNodePath.parent(of: next)
        }
    }

    /// An emulation's finding, which is for the subscribers of its path alone.
    mutating func deliver(_ event: WatchEvent, at path: String) {
        guard let entry = entries[path] else { return }
        if event.path == path { deliverPlain(event, at: path) }
        if event.type != .nodeChildrenChanged { deliverRecursive(event, at: path) }
        guard entry.wanted == .persistentRecursive, event.type != .nodeDataChanged,
            ZNodePath.parent(of: event.path) == path
        else { return }
        deliverPlain(WatchEvent(.nodeChildrenChanged, path: path), at: path)
    }

    private mutating func deliverPlain(_ event: WatchEvent, at path: String) {
        guard let entry = entries[path] else { return }
        deliver(event, to: entry, .persistent)
    }

    private mutating func deliverRecursive(_ event: WatchEvent, at path: String) {
        guard let entry = entries[path] else { return }
        deliver(event, to: entry, .persistentRecursive)
    }

    private mutating func deliver(
        _ event: WatchEvent,
        to entry: Entry,
        _ mode: AddWatchRequest.Mode
    ) {
        for (subscriber, own) in entry.subscribers.sorted(by: { $0.key < $1.key })
        where own == mode && !entry.waiting.contains(subscriber) {
            actions.deliveries.append(.element(subscriber, .event(event)))
        }
    }

    // MARK: One-shot subscribers

    /// True when a read of a path needs no watch of its own: the persistent one there tells all.
    func covers(_ path: String) -> Bool {
        if case .set = entries[path]?.atServer { true } else { false }
    }

    /// A read goes out whose reply makes a one-shot subscriber.
    mutating func expect(_ subscriber: Subscriber, _ oneShot: OneShot, call: UInt64) {
        expected[call] = (subscriber, oneShot)
        if oneShot.isCovered { entries[oneShot.path]?.coveredReads += 1 }
    }

    /// A call has come to its end; where it was such a read, what fires from now on is for its subscriber.
    ///
    /// - Parameters:
    ///   - call: The call's number.
    ///   - result: Says whether the watch is set.
    mutating func answered(call: UInt64, _ result: Result<Response, ZooKeeperError>) {
        guard let (subscriber, oneShot) = expected.removeValue(forKey: call) else { return }
        if oneShot.isSet(by: result) {
            oneShots[subscriber] = oneShot
            oneShotsAt[oneShot.path, default: []].insert(subscriber)
        }
        guard oneShot.isCovered, entries[oneShot.path] != nil else { return }
        entries[oneShot.path]?.coveredReads -= 1
        settle(oneShot.path)
    }

    private mutating func fireOneShots(_ event: WatchEvent) {
        for subscriber in oneShotsAt[event.path]?.sorted() ?? [] {
            guard let oneShot = oneShots[subscriber], oneShot.kind.isFor(event.type) else {
                continue
            }
            fire(subscriber, .event(event))
        }
    }

    mutating func fire(_ subscriber: Subscriber, _ element: WatchElement) {
        actions.deliveries.append(.element(subscriber, element))
        actions.deliveries.append(.ended(subscriber, nil))
        drop(oneShot: subscriber)
    }

    mutating func drop(oneShot subscriber: Subscriber) {
        guard let oneShot = oneShots.removeValue(forKey: subscriber) else { return }
        oneShotsAt[oneShot.path]?.remove(subscriber)
        if oneShotsAt[oneShot.path]?.isEmpty == true { oneShotsAt[oneShot.path] = nil }
        if oneShot.isCovered, entries[oneShot.path]?.subscribers.isEmpty == true {
            settle(oneShot.path)
        }
    }
}

extension WatchRouter.OneShot {
    fileprivate func isSet(by result: Result<Response, ZooKeeperError>) -> Bool {
        switch result {
        case .success: true
        case .failure(let error): kind == .existence && error.server == .noNode
        }
    }
}

extension WatchRouter.OneShotKind {
    fileprivate func isFor(_ type: WatchEvent.Kind) -> Bool {
        switch type {
        case .nodeDeleted: true
        case .nodeCreated, .nodeDataChanged: self != .children
        case .nodeChildrenChanged: self == .children
        }
    }
}
