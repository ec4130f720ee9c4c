internal import ZooKeeperProtocol

// What a session's states mean for its watches.
extension WatchRouter {
    /// A server has accepted the session, or taken it up again; its watches are being set again.
    mutating func connected() {
        for path in entries.keys.sorted() {
            guard let entry = entries[path] else { continue }
            if isEmulating { entries[path]?.gap = entry.gap ?? .reconnected }
            switch entry.atServer {
            case .none: if !isEmulating { settle(path) }
            case .asked: break
            case .set:
                entries[path]?.gap = entry.gap ?? .reconnected
                establish(path)
                endOneShots(.reconnected) { $0.isCovered && $0.path == path }
            }
        }
        for path in emulations.keys.sorted() {
            emulations[path]?.connected()
            advance(path)
        }
    }

    /// The session is over, and its watches with it.
    mutating func expired() {
        for path in entries.keys {
            entries[path]?.atServer = .none
            entries[path]?.gap = .expired
        }
        for path in emulations.keys { emulations[path]?.expired() }
        endOneShots(.expired) { _ in true }
    }

    /// A server without persistent watches has taken the session over, and refused to set them again.
    mutating func refused() { startEmulating() }

    /// Nothing follows.
    mutating func closed(_ error: ZooKeeperError?) {
        for path in entries.keys.sorted() {
            for subscriber in entries[path]?.subscribers.keys.sorted() ?? [] {
                actions.deliveries.append(.ended(subscriber, error))
            }
        }
        for subscriber in oneShots.keys.sorted() {
            actions.deliveries.append(.ended(subscriber, error))
        }
        (entries, emulations, oneShots, oneShotsAt, work) = ([:], [:], [:], [:], [:])
    }

    private mutating func endOneShots(
        _ cause: WatchElement.Cause,
        _ condition: (OneShot) -> Bool
    ) {
        for (subscriber, oneShot) in oneShots.sorted(by: { $0.key < $1.key })
        where condition(oneShot) {
            fire(subscriber, .resync(cause))
        }
    }

    // MARK: Emulation

    mutating func startEmulating() {
        guard !isEmulating else { return }
        isEmulating = true
        for path in entries.keys.sorted() {
            guard let entry = entries[path] else { continue }
            if case .set = entry.atServer { entries[path]?.gap = entry.gap ?? .reconnected }
            entries[path]?.atServer = .none
            settle(path)
        }
        endOneShots(.reconnected, \.isCovered)
    }

    mutating func emulate(_ path: String, _ entry: Entry) {
        let isWide = emulations[path].map { $0.isRecursive || entry.wanted == .persistent }
        if isWide != true {
            // What changes while it walks anew is not told.
            if isWide == false { entries[path]?.gap = entry.gap ?? .reconnected }
            emulations[path] = WatchEmulation(path, isRecursive: entry.wanted.isRecursive)
        }
        advance(path)
    }

    /// Carries out what an emulation wants and tells its subscribers what it has found.
    mutating func advance(_ path: String) {
        guard var emulation = emulations[path] else { return }
        while let (tag, request) = emulation.next() {
            let own = nextTag(.emulation(path, tag: tag))
            actions.requests.append(.init(tag: own, request: request))
        }
        let (events, isComplete) = (emulation.takeEvents(), emulation.isComplete)
        emulations[path] = emulation
        for event in events { deliver(event, at: path) }
        if let failure = emulation.failure {
            emulations[path] = nil
            fail(path, failure, \.everyone)
        } else if isComplete {
            establish(path)
        }
    }
}

extension AddWatchRequest.Mode {
    var isRecursive: Bool { self == .persistentRecursive }
}
