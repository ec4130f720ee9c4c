internal import ZooKeeperProtocol

/// The streams of states and watch events that a session feeds.
///
/// Bound: `Limits.streamsMax`.
struct StreamTable {
    struct Watcher {
        let path: String?
        let input: AsyncThrowingStream<WatchEvent, any Error>.Continuation
    }

    private var states: [UInt64: AsyncStream<SessionState>.Continuation] = [:]
    private var watchers: [UInt64: Watcher] = [:]
    private var numbersGiven: UInt64 = 0
    private var isFinished = false

    var count: Int { states.count + watchers.count }

    mutating func add(_ input: AsyncStream<SessionState>.Continuation) -> UInt64 {
        numbersGiven += 1
        if isFinished || count >= Limits.streamsMax {
            input.finish()
        } else {
            states[numbersGiven] = input
        }
        return numbersGiven
    }

    mutating func add(_ watcher: Watcher) -> UInt64 {
        numbersGiven += 1
        if isFinished {
            watcher.input.finish()
        } else if count >= Limits.streamsMax {
            watcher.input.finish(
                throwing: ZooKeeperError(.overloaded, "the session feeds \(count) streams")
            )
        } else {
            watchers[numbersGiven] = watcher
        }
        return numbersGiven
    }

    mutating func remove(_ number: UInt64) {
        states[number] = nil
        watchers[number] = nil
    }

    func yield(_ state: SessionState) {
        for (_, input) in states { input.yield(state) }
    }

    /// A reader that is too slow loses its stream and not single events: it has to read anew.
    mutating func yield(_ event: WatchEvent) {
        for (number, watcher) in watchers {
            if let path = watcher.path, !ZNodePath.isSame(event.path, orBelow: path) { continue }
            guard case .dropped = watcher.input.yield(event) else { continue }
            watchers[number] = nil
            watcher.input.finish(
                throwing: ZooKeeperError(
                    .overloaded,
                    "watch events came faster than they were read"
                )
            )
        }
    }

    mutating func finish() {
        isFinished = true
        for (_, input) in states { input.finish() }
        for (_, watcher) in watchers { watcher.input.finish() }
        states = [:]
        watchers = [:]
    }
}
