internal import ZooKeeperProtocol

/// Which watch event is for whom, and which persistent watches the server has to hold for that.
///
/// Step of the data flow: events, states and replies of the session come in, in wire order; elements for
/// subscribers and requests go out. Several subscribers of a path share one watch at the server, the widest
/// that any of them needs: a recursive one tells all that a plain one would. A one-shot subscriber of such
/// a path is served from it too, since ZooKeeper 3.8 forgets a persistent watch when a one-shot one is set
/// beside it. Servers without persistent watches are known by the code UNIMPLEMENTED, behind which they
/// close the connection; then `WatchEmulation` takes over, for good. Invariants: a subscriber is told of
/// its establishment once; behind each gap it gets a `.resync`. Owner: the session's actor.
struct WatchRouter {
    typealias Subscriber = UInt64

    /// What a one-shot subscriber waits for.
    enum OneShotKind: Equatable {
        /// Deletion or other data of the znode.
        case data
        /// The same, and creation: such a watch is set also where there is no znode.
        case existence
        /// Another child, one less, or the znode's deletion.
        case children
    }

    /// What the session has to do, in this order for each subscriber.
    struct Actions: Equatable {
        var deliveries: [Delivery] = []
        var requests: [Asked] = []

        struct Asked: Equatable {
            let tag: UInt64
            let request: Request
        }
        enum Delivery: Equatable {
            /// The persistent watch is set: from here on nothing is lost.
            case established(Subscriber)
            case element(Subscriber, WatchElement)
            /// Nothing follows.
            case ended(Subscriber, ZooKeeperError?)
        }
    }

    /// A persistent watch at a path.
    struct Entry: Equatable {
        enum AtServer: Equatable {
            case none
            case asked(AddWatchRequest.Mode, tag: UInt64)
            case set(AddWatchRequest.Mode)
        }
        var subscribers: [Subscriber: AddWatchRequest.Mode] = [:]
        /// Those whose watch was never set yet.
        var waiting: Set<Subscriber> = []
        var atServer = AtServer.none
        /// What the others are told when it is set again.
        var gap: WatchElement.Cause?
        /// One-shot reads on the way that count on this watch.
        var coveredReads = 0

        var wanted: AddWatchRequest.Mode {
            subscribers.values.contains(.persistentRecursive) ? .persistentRecursive : .persistent
        }
        var isRecursive: Bool {
            if case .set(.persistentRecursive) = atServer { true } else { false }
        }
    }

    struct OneShot: Equatable {
        let path: String
        let kind: OneShotKind
        /// Served from the persistent watch of its path.
        let isCovered: Bool
    }

    /// A tag's request, and whose it is.
    enum Work: Equatable {
        case add(String)
        case emulation(String, tag: UInt64)
        case removal
    }

    var actions = Actions()
    var entries: [String: Entry] = [:]
    var emulations: [String: WatchEmulation] = [:]
    var oneShots: [Subscriber: OneShot] = [:]
    var oneShotsAt: [String: Set<Subscriber>] = [:]
    /// One-shot reads on the way, by their call's number.
    var expected: [UInt64: (subscriber: Subscriber, oneShot: OneShot)] = [:]
    var work: [UInt64: Work] = [:]
    var tagsGiven: UInt64 = 0
    /// The servers know no persistent watches.
    var isEmulating = false
    /// Connections lost in a row behind an addWatch, while none had ever succeeded.
    var suspectLosses = 0
    var hasAdded = false

    /// Subscribers of all kinds.
    var count: Int {
        entries.values.reduce(oneShots.count + expected.count) { $0 + $1.subscribers.count }
    }

    /// Everything to be done since the last call.
    mutating func takeActions() -> Actions {
        defer { actions = Actions() }
        return actions
    }

    // MARK: Persistent subscribers

    /// Somebody wants to be told of a path.
    mutating func subscribe(
        _ subscriber: Subscriber,
        _ path: String,
        _ mode: AddWatchRequest.Mode
    ) {
        entries[path, default: Entry()].subscribers[subscriber] = mode
        entries[path, default: Entry()].waiting.insert(subscriber)
        settle(path)
    }

    /// Nobody has the watch any more.
    mutating func forget(_ subscriber: Subscriber, _ path: String) {
        drop(oneShot: subscriber)
        guard entries[path]?.subscribers.removeValue(forKey: subscriber) != nil else { return }
        entries[path]?.waiting.remove(subscriber)
        settle(path)
    }

    /// Brings the server's watch at a path to what its subscribers want.
    mutating func settle(_ path: String) {
        guard let entry = entries[path] else { return }
        guard !entry.subscribers.isEmpty else {
            release(path, entry)
            return
        }
        if isEmulating {
            emulate(path, entry)
            return
        }
        switch entry.atServer {
        case .asked: break
        case .set(let mode) where mode == entry.wanted || mode == .persistentRecursive:
            establish(path)
        case .set, .none:
            let tag = nextTag(.add(path))
            entries[path]?.atServer = .asked(entry.wanted, tag: tag)
            let request = AddWatchRequest(path: path, mode: entry.wanted)
            actions.requests.append(.init(tag: tag, request: .addWatch(request)))
        }
    }

    /// The last subscriber is gone: the server's watch goes too, unless one-shot ones live on it.
    private mutating func release(_ path: String, _ entry: Entry) {
        guard entry.coveredReads == 0, !hasCovered(path) else { return }
        emulations[path] = nil
        entries[path] = nil
        guard entry.atServer != .none else { return }
        let request = WatcherRequest(path: path, type: .any)
        actions.requests.append(
            .init(tag: nextTag(.removal), request: .removeWatches(request))
        )
    }

    private func hasCovered(_ path: String) -> Bool {
        oneShotsAt[path]?.contains { oneShots[$0]?.isCovered == true } ?? false
    }

    /// The watch stands: those who waited are told so, the others what they may have missed.
    mutating func establish(_ path: String) {
        guard let entry = entries[path] else { return }
        for subscriber in entry.subscribers.keys.sorted() {
            if entry.waiting.contains(subscriber) {
                actions.deliveries.append(.established(subscriber))
            } else if let gap = entry.gap {
                actions.deliveries.append(.element(subscriber, .resync(gap)))
            }
        }
        entries[path]?.waiting = []
        entries[path]?.gap = nil
    }

    mutating func nextTag(_ new: Work) -> UInt64 {
        tagsGiven += 1
        work[tagsGiven] = new
        return tagsGiven
    }

    // MARK: Replies

    /// A request of the router's own has come to its end.
    mutating func take(_ result: Result<Response, ZooKeeperError>, tag: UInt64) {
        switch work.removeValue(forKey: tag) {
        case .add(let path): added(path, result, tag)
        case .emulation(let path, let tag):
            emulations[path]?.take(result, tag: tag)
            advance(path)
        case .removal, nil: break
        }
    }

    private mutating func added(
        _ path: String,
        _ result: Result<Response, ZooKeeperError>,
        _ tag: UInt64
    ) {
        guard let entry = entries[path], case .asked(let mode, tag) = entry.atServer else { return }
        switch result {
        case .success:
            (hasAdded, suspectLosses) = (true, 0)
            entries[path]?.atServer = .set(mode)
            if mode == .persistentRecursive || entry.wanted == mode { establish(path) }
            settle(path)
        case .failure(let error):
            entries[path]?.atServer = .none
            failed(path, error)
        }
    }

    private mutating func failed(_ path: String, _ error: ZooKeeperError) {
        switch error.code {
        case .refused where error.server == .unimplemented: startEmulating()
        case .outcomeUnknown:
            // Some servers only close the connection; it is asked for again on the next one.
            suspectLosses += 1
            if !hasAdded, suspectLosses >= Limits.addWatchLossesMax { startEmulating() }
        case .notSent, .sessionExpired: fail(path, error, \.waiting)
        default: fail(path, error, \.everyone)
        }
    }

    /// Ends subscribers with an error.
    mutating func fail(
        _ path: String,
        _ error: ZooKeeperError,
        _ whom: KeyPath<Entry, Set<Subscriber>>
    ) {
        guard let entry = entries[path] else { return }
        for subscriber in entry[keyPath: whom].sorted() {
            entries[path]?.subscribers[subscriber] = nil
            entries[path]?.waiting.remove(subscriber)
            actions.deliveries.append(.ended(subscriber, error))
        }
        if entries[path]?.subscribers.isEmpty == true { entries[path] = nil }
    }
}

extension WatchRouter.Entry {
    var everyone: Set<WatchRouter.Subscriber> { Set(subscribers.keys) }
}
