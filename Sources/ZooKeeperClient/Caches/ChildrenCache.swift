internal import ZooKeeperProtocol

/// A copy of a znode's children with their data that follows their changes.
///
/// It lives on a recursive persistent watch, whose events of deeper znodes it ignores (on servers before
/// 3.6 on one-shot watches, deeper ones included), survives reconnects and expiries, and costs one read
/// for each change: the list of children is read once for each connection.
public final class ChildrenCache: Sendable {
    private let driver: CacheDriver
    private let path: String

    /// Creates a cache that does nothing until `start`.
    ///
    /// - Parameters:
    ///   - session: Runs at least as long as the cache is wanted.
    ///   - path: Absolute path of the parent; need not exist.
    ///   - childrenMax: Children beyond which the cache ends with `.overloaded`; 1,000,000 if not given.
    public init(_ session: ZooKeeperSession, _ path: String, childrenMax: Int? = nil) {
        self.path = path
        let nodesMax = childrenMax.map { $0 + 1 }
        driver = CacheDriver(session, path, depthMax: 1, nodesMax: nodesMax)
    }

    /// Begins to follow; returns when all children are read.
    ///
    /// - Throws: `ZooKeeperError` when no server could be reached, or one refuses.
    public func start() async throws(ZooKeeperError) { try await driver.start() }

    /// Ends the cache, its changes and its watch.
    public func close() async { await driver.close() }

    /// True when all children have been read once.
    public var isInitialized: Bool { get async { await driver.engine.isInitialized } }

    /// The children, by name.
    ///
    /// - Complexity: O(n log n) in their number.
    public var children: [CachedZNode] {
        get async {
            await driver.children
        }
    }

    /// One child; nil when there is none of that name.
    public func child(_ name: String) async -> CachedZNode? {
        await driver.engine.entries[ZNodePath.join(path, name)]?.node
    }

    /// What happens to the children from now on; ask before `start` to miss nothing.
    ///
    /// - Parameter bufferedMax: Changes that may wait to be read; 16,384 if not given.
    /// - Returns: A sequence of its own for each call.
    public func changes(bufferedMax: Int? = nil) async -> CacheChanges {
        CacheChanges(await driver.changes(bufferedMax), driver) { [path] change in
            switch change {
            case .created(let node), .changed(let node, _), .deleted(let node): node.path != path
            case .initialized, .resynced, .overflow: true
            }
        }
    }
}
