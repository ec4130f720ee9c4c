internal import ZooKeeperProtocol

/// A copy of a znode and of all below it that follows their changes.
///
/// It lives on a recursive persistent watch (on servers before 3.6 on one-shot ones), survives reconnects
/// and expiries, and costs one read for each change, however large the tree is: each list of children is
/// read once for each connection. After a gap znodes are compared by their Stats, and what differs is
/// told as changes.
public final class TreeCache: Sendable {
    private let driver: CacheDriver
    private let path: String

    /// Creates a cache that does nothing until `start`.
    ///
    /// - Parameters:
    ///   - session: Runs at least as long as the cache is wanted.
    ///   - path: Absolute path of the top; need not exist.
    ///   - depthMax: Levels below the top that are kept; all if not given.
    ///   - nodesMax: Znodes beyond which the cache ends with `.overloaded`; 1,000,000 if not given.
    public init(
        _ session: ZooKeeperSession,
        _ path: String,
        depthMax: Int = .max,
        nodesMax: Int? = nil
    ) {
        self.path = path
        driver = CacheDriver(session, path, depthMax: max(1, depthMax), nodesMax: nodesMax)
    }

    /// Begins to follow; returns when the whole tree is read.
    ///
    /// - Throws: `ZooKeeperError` when no server could be reached, or one refuses.
    public func start() async throws(ZooKeeperError) { try await driver.start() }

    /// Ends the cache, its changes and its watch.
    public func close() async { await driver.close() }

    /// True when the whole tree has been read once.
    public var isInitialized: Bool { get async { await driver.engine.isInitialized } }

    /// Znodes in the copy.
    public var count: Int { get async { await driver.engine.entries.count } }

    /// One znode; nil when there is none at the path, or it is not below the top.
    public func node(_ path: String) async -> CachedZNode? {
        await driver.engine.entries[path]?.node
    }

    /// Names of a znode's children, sorted; nil when there is no such znode in the copy.
    public func children(of path: String) async -> [String]? {
        await driver.engine.entries[path]?.children.sorted()
    }

    /// What happens from now on; ask before `start` to miss nothing.
    ///
    /// - Parameter bufferedMax: Changes that may wait to be read; 16,384 if not given.
    /// - Returns: A sequence of its own for each call.
    public func changes(bufferedMax: Int? = nil) async -> CacheChanges {
        CacheChanges(await driver.changes(bufferedMax), driver) { _ in true }
    }
}
