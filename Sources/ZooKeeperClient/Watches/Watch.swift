/// A watch as a sequence of what it has to say, in the order of the wire.
///
/// Made by `ZooKeeperSession.watch` (persistent) and by the reads that watch (one-shot: at most one element).
/// It ends when the session is closed, when a one-shot watch has fired, and when it is cancelled or nobody
/// has it any more. Invariant: no more elements wait than were asked for, and one `.resync` where that was
/// not enough. Iterators of one watch share its elements.
public final class Watch: AsyncSequence, Sendable {
    /// What comes out.
    public typealias Element = WatchElement
    /// What ends it early: the session's end by a refused credential, or a watch refused when set again.
    public typealias Failure = ZooKeeperError

    /// The path that is watched.
    public let path: String
    let buffer: ElementBuffer<WatchElement>
    private let forget: @Sendable () -> Void

    init(path: String, buffer: ElementBuffer<WatchElement>, forget: @escaping @Sendable () -> Void)
    {
        (self.path, self.buffer, self.forget) = (path, buffer, forget)
    }

    deinit { forget() }

    /// Ends the sequence; a persistent watch that nobody else uses is taken back at the server.
    public func cancel() {
        buffer.finish()
        forget()
    }

    /// Starts to read; elements that wait come first.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watch: self) }

    /// Reads a watch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let watch: Watch

        /// The next element, when it is there.
        ///
        /// - Returns: Nil at the end, and when the task is cancelled.
        /// - Throws: `ZooKeeperError` `.authFailed` when a refused credential ended the session.
        public mutating func next() async throws(ZooKeeperError) -> WatchElement? {
            try await watch.buffer.next().get()
        }

        /// The next element, as the other form has it.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ZooKeeperError) -> WatchElement? {
            try await watch.buffer.next().get()
        }
    }
}
