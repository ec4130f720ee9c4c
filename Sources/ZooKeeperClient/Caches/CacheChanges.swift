/// The changes of a cache as a sequence, in their order.
///
/// Ends when the cache is closed. Bound: what was asked for, and one `.overflow` in place of what found no
/// room.
public final class CacheChanges: AsyncSequence, Sendable {
    /// What comes out.
    public typealias Element = CacheChange
    /// What ended the cache early.
    public typealias Failure = ZooKeeperError

    private let buffer: ElementBuffer<CacheChange>
    private let driver: CacheDriver
    private let isWanted: @Sendable (CacheChange) -> Bool

    init(
        _ buffer: ElementBuffer<CacheChange>,
        _ driver: CacheDriver,
        where isWanted: @escaping @Sendable (CacheChange) -> Bool
    ) {
        (self.buffer, self.driver, self.isWanted) = (buffer, driver, isWanted)
    }

    deinit { driver.drop(buffer) }

    /// Starts to read; changes that wait come first.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(changes: self) }

    /// Reads changes.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let changes: CacheChanges

        /// The next change, when it is there.
        ///
        /// - Returns: Nil at the end, and when the task is cancelled.
        /// - Throws: `ZooKeeperError` that ended the cache.
        public mutating func next() async throws(ZooKeeperError) -> CacheChange? {
            while let change = try await changes.buffer.next().get() {
                if changes.isWanted(change) { return change }
            }
            return nil
        }

        /// The next change, as the other form has it.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ZooKeeperError) -> CacheChange? {
            while let change = try await changes.buffer.next().get() {
                if changes.isWanted(change) { return change }
            }
            return nil
        }
    }
}
