internal import Runtime
public import ZooKeeperProtocol

// What happens to the session, as sequences.
extension ZooKeeperSession {
    /// The state now, then each change; ends when the session is closed.
    ///
    /// A reader that is too slow misses the oldest of more than 16 states.
    public var states: AsyncStream<SessionState> {
        let (stream, input) = AsyncStream<SessionState>.makeStream(
            bufferingPolicy: .bufferingNewest(Limits.statesBufferedMax)
        )
        input.yield(state)
        let number = streams.add(input)
        input.onTermination = { [weak self] _ in self?.forget(number) }
        return stream
    }

    /// Watch events from now on; ends when the session is closed.
    ///
    /// Nothing is watched by this: set watches with `addWatch` and with reads. After a reconnect events may
    /// be missing, and after an expiry all watches are gone: `states` tells of both.
    ///
    /// - Parameters:
    ///   - path: Only events of this path and below; nil for all.
    ///   - bufferedMax: Events that may wait to be read; 1,024 if not given.
    /// - Returns: The events; it throws `ZooKeeperError` `.overloaded` when they are read too slowly.
    public func watchEvents(
        below path: String? = nil,
        bufferedMax: Int? = nil
    ) -> AsyncThrowingStream<WatchEvent, any Error> {
        let (stream, input) = AsyncThrowingStream<WatchEvent, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(max(1, bufferedMax ?? Limits.watchEventsBufferedMax))
        )
        let number = streams.add(StreamTable.Watcher(path: path, input: input))
        input.onTermination = { [weak self] _ in self?.forget(number) }
        return stream
    }

    /// Waits until the session is connected, if only to read.
    ///
    /// - Returns: False when it was closed instead, or the task was cancelled.
    public func waitUntilConnected() async -> Bool {
        for await state in states {
            switch state {
            case .connected, .connectedReadOnly: return true
            case .connecting, .suspended, .expired, .closed, .authFailed: continue
            }
        }
        return false
    }

    private nonisolated func forget(_ number: UInt64) {
        loop.post { [self] in assumeIsolated { $0.streams.remove(number) } }
    }
}
