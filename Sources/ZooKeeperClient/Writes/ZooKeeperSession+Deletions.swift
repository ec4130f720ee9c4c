internal import ZooKeeperProtocol

// Deletions that happen in the end.
extension ZooKeeperSession {
    /// How a deletion stands.
    public enum Deletion: Hashable, Sendable {
        /// The znode is gone, or there was none.
        case done
        /// The connection was lost; it is repeated on the next ones until a server has done it.
        case inBackground
    }

    /// Deletions that wait for a server.
    public var backgroundDeletionsCount: Int { deletions.count }

    /// Removes a znode; if the connection is lost, goes on by itself as long as the session runs.
    ///
    /// For what must not stay, such as a lock's znode (Curator's guaranteed deletion). It also outlives an
    /// expiry, so use it for names that nobody makes anew, such as sequential ones. At most 10,000 wait.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - version: The expected one; -1 for any.
    /// - Returns: Whether it is done.
    /// - Throws: `ZooKeeperError` when a server refuses, or too many wait already.
    @discardableResult
    public func deleteGuaranteed(
        _ path: String,
        version: Int32 = -1
    ) async throws(ZooKeeperError) -> Deletion {
        do throws(ZooKeeperError) {
            try await delete(path, version: version)
            return .done
        } catch  where error.server == .noNode {
            return .done
        } catch {
            guard Repetition.ifUnknown.isSafe(after: error),
                deletions.count < Limits.backgroundDeletionsMax
            else { throw error }
            deletions.add(DeleteRequest(path: path, version: version))
            // The next connection may be there already.
            if engine.phase == .connected { sendDeletions() }
            return .inBackground
        }
    }

    func sendDeletions() {
        for (number, request) in deletions.takeRequests() {
            submit(.delete(request), .deletion(number))
        }
    }
}
