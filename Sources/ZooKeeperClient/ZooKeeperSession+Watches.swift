public import ZooKeeperProtocol

// Watches that are asked about and taken back.
extension ZooKeeperSession {
    /// Takes watches of a path back, at the server and here.
    ///
    /// - Parameters:
    ///   - path: Absolute; the one that the watches were set with.
    ///   - kind: Persistent watches go only with `.any`.
    ///   - isLocalEnough: Forget them here even if no server can be asked or has them.
    /// - Returns: The kinds that were taken back.
    /// - Throws: `ZooKeeperError`; `server` is `.noWatcher` when there is none of that kind.
    @discardableResult
    public func removeWatches(
        _ path: String,
        kind: WatcherRequest.Kind = .any,
        isLocalEnough: Bool = false
    ) async throws(ZooKeeperError) -> Set<WatchKind> {
        let full = try engine.chroot.full(path)
        let request = Request.removeWatches(WatcherRequest(path: path, type: kind))
        var (reply, removed) = await exchange(request)
        if case .failure(let error) = reply {
            if isLocalEnough { removed = Set(engine.watches.remove(full, kind)) }
            guard !removed.isEmpty else { throw error }
        }
        guard !removed.isEmpty else {
            throw ZooKeeperError(refused: .noWatcher, "removeWatches \(path)")
        }
        return removed
    }

    /// Asks whether the server holds watches of this session at a path.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - kind: Which watches; persistent ones count as both.
    /// - Returns: False when there is none of that kind.
    /// - Throws: `ZooKeeperError`.
    public func checkWatches(
        _ path: String,
        kind: WatcherRequest.Kind = .any
    ) async throws(ZooKeeperError) -> Bool {
        do throws(ZooKeeperError) {
            _ = try await call(.checkWatches(WatcherRequest(path: path, type: kind)))
            return true
        } catch  where error.server == .noWatcher {
            return false
        }
    }

    /// The kinds of watches that the session keeps at a path, without asking the server.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: Those set at the path itself.
    /// - Throws: `ZooKeeperError` `.badArgument` for what is not a path.
    public func watchKinds(at path: String) throws(ZooKeeperError) -> Set<WatchKind> {
        engine.watches.kinds(at: try engine.chroot.full(path))
    }
}
