internal import Synchronization

/// Makes a path once: the first call makes what is missing, later ones do nothing.
///
/// For what many tasks need before they start. Concurrent first calls each look and make, which harms
/// nobody.
public final class EnsurePath: Sendable {
    /// The path that is made, with all above it.
    public let path: String
    private let isDone = Mutex(false)

    /// Creates one that does nothing until it is asked.
    public init(_ path: String) { self.path = path }

    /// Returns when the path is there.
    ///
    /// - Parameter session: Asked only while no earlier call has succeeded.
    /// - Throws: `ZooKeeperError`, as `ZooKeeperSession.ensurePath` does.
    public func ensure(with session: ZooKeeperSession) async throws(ZooKeeperError) {
        guard !isDone.withLock({ $0 }) else { return }
        try await session.ensurePath(path)
        isDone.withLock { $0 = true }
    }
}
