internal import Runtime
internal import ServiceModel
public import ZooKeeperProtocol

// Writes that are looked for when their outcome is unknown, and repeated only where they were not done.
extension ZooKeeperSession {
    /// What a look at the tree says about a write of unknown outcome.
    enum Finding<Value> {
        case done(Value)
        case notDone
        case unclear
    }

    /// Makes a znode, also over lost connections.
    ///
    /// After a connection was lost behind the request the znode is looked for: an ephemeral one of this
    /// session is the one wanted; another counts as made here when it is newer than the request and has
    /// the same data, version 0.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - data: What it holds; nil is stored as such.
    ///   - mode: Neither sequential, for which there is `createProtected`, nor with a TTL.
    ///   - acl: Open to all by default.
    ///   - policy: How often, and after which pauses.
    /// - Throws: `ZooKeeperError`: `server` is `.nodeExists` when somebody else made it.
    public func create(
        _ path: String,
        data: [UInt8]? = [],
        mode: CreateMode = .persistent,
        acl: [ACL] = ACL.openUnsafe,
        retrying policy: RetryPolicy
    ) async throws(ZooKeeperError) {
        guard !mode.isSequential else {
            throw ZooKeeperError(.badArgument, "create \(path): for \(mode) use createProtected")
        }
        try await settle(policy) { () async throws(ZooKeeperError) in
            try await self.create(path, data: data, mode: mode, acl: acl)
            return
        } look: { (zxid) async throws(ZooKeeperError) in
            guard let stat = try await self.exists(path) else { return .notDone }
            if mode.isEphemeral, stat.ephemeralOwner == self.identity?.sessionID {
                return .done(())
            }
            let isNew = stat.czxid > zxid && stat.version == 0
            guard !mode.isEphemeral, isNew, try await self.getData(path).data == data else {
                throw ZooKeeperError(refused: .nodeExists, "create \(path)")
            }
            return .done(())
        }
    }

    /// Replaces a znode's data, also over lost connections.
    ///
    /// After a connection was lost behind the request the znode is read: data and version tell whether the
    /// write was done.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - data: The new data.
    ///   - version: The expected one; -1 for any.
    ///   - policy: How often, and after which pauses.
    /// - Returns: The new Stat.
    /// - Throws: `ZooKeeperError`: `.outcomeUnknown` only when others wrote meanwhile.
    @discardableResult
    public func setData(
        _ path: String,
        data: [UInt8]?,
        version: Int32 = -1,
        retrying policy: RetryPolicy
    ) async throws(ZooKeeperError) -> Stat {
        try await settle(policy) { () async throws(ZooKeeperError) in
            try await self.setData(path, data: data, version: version)
        } look: { (zxid) async throws(ZooKeeperError) in
            let (found, stat) = try await self.getData(path)
            if stat.mzxid <= zxid { return .notDone }
            let isNext = version == -1 || stat.version == version &+ 1
            return isNext && found == data ? .done(stat) : .unclear
        }
    }

    /// Removes a znode, also over lost connections.
    ///
    /// After a connection was lost behind the request the znode is looked for: if it is gone, or another
    /// one stands there, it was removed.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - version: The expected one; -1 for any.
    ///   - policy: How often, and after which pauses.
    /// - Throws: `ZooKeeperError`: `server` is `.noNode` when there was none at the first try.
    public func delete(
        _ path: String,
        version: Int32 = -1,
        retrying policy: RetryPolicy
    ) async throws(ZooKeeperError) {
        try await settle(policy) { () async throws(ZooKeeperError) in
            try await self.delete(path, version: version)
        } look: { (zxid) async throws(ZooKeeperError) in
            guard let stat = try await self.exists(path) else { return .done(()) }
            return stat.czxid > zxid ? .done(()) : .notDone
        }
    }

    /// Tries a write until it is done or refused, or the policy ends.
    ///
    /// - Parameters:
    ///   - policy: Of all tries together, the looks included.
    ///   - write: Sends the request.
    ///   - look: Asks whether it was done; is told the last zxid seen before the request.
    /// - Returns: What the write, or the look at what it has done, returns.
    /// - Throws: The last error; that of the write where its outcome stays unknown.
    func settle<Value>(
        _ policy: RetryPolicy,
        _ write: () async throws(ZooKeeperError) -> Value,
        look: (_ zxid: Int64) async throws(ZooKeeperError) -> Finding<Value>
    ) async throws(ZooKeeperError) -> Value {
        var attempts = Attempts(policy, at: loop.now)
        var unknown: (error: ZooKeeperError, zxid: Int64)?
        while true {
            do throws(ZooKeeperError) {
                if let (error, zxid) = unknown {
                    // The server may be another one now: it has to have seen what came before.
                    try await sync()
                    switch try await look(zxid) {
                    case .done(let value): return value
                    case .notDone: unknown = nil
                    case .unclear: throw error
                    }
                }
                let zxid = engine.lastZxid
                do throws(ZooKeeperError) {
                    return try await write()
                } catch  where error.code == .outcomeUnknown || error.code == .badReply {
                    unknown = (error, zxid)
                    throw error
                }
            } catch {
                guard Repetition.ifUnknown.isSafe(after: error) else { throw error }
                guard await goesOn(&attempts) else { throw unknown?.error ?? error }
            }
        }
    }
}
