/// A copy of one znode that follows its changes; absence is a state too.
///
/// ```swift
/// let cache = NodeCache(session, "/config/limits")
/// try await cache.start()
/// print(await cache.node?.data ?? [])
/// for try await change in await cache.changes() { print(change) }
/// ```
/// It lives on a persistent watch (on servers before 3.6 on one-shot ones), survives reconnects and
/// expiries, and costs one read for each change.
public final class NodeCache: Sendable {
    private let driver: CacheDriver
    private let path: String

    /// Creates a cache that does nothing until `start`.
    ///
    /// - Parameters:
    ///   - session: Runs at least as long as the cache is wanted.
    ///   - path: Absolute; need not exist.
    public init(_ session: ZooKeeperSession, _ path: String) {
        self.path = path
        driver = CacheDriver(session, path, depthMax: 0, nodesMax: nil)
    }

    /// Begins to follow; returns when the znode, or its absence, is known.
    ///
    /// - Throws: `ZooKeeperError` when no server could be reached, or one refuses.
    public func start() async throws(ZooKeeperError) { try await driver.start() }

    /// Ends the cache, its changes and its watch.
    public func close() async { await driver.close() }

    /// True when the znode, or its absence, is known.
    public var isInitialized: Bool { get async { await driver.engine.isInitialized } }

    /// The znode as last read; nil when there is none.
    public var node: CachedZNode? { get async { await driver.engine.entries[path]?.node } }

    /// What happens from now on; ask before `start` to miss nothing.
    ///
    /// - Parameter bufferedMax: Changes that may wait to be read; 16,384 if not given.
    /// - Returns: A sequence of its own for each call.
    public func changes(bufferedMax: Int? = nil) async -> CacheChanges {
        CacheChanges(await driver.changes(bufferedMax), driver) { _ in true }
    }
}
