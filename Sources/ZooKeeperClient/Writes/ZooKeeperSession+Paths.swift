internal import Runtime
public import ZooKeeperProtocol

// Whole paths: made, emptied and removed.
extension ZooKeeperSession {
    /// Makes a znode and all missing ones above it; those that are there are left as they are.
    ///
    /// Any number of clients may do so at once. What is missing goes out in one write.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - mode: Of those that are made, such as `.container`; neither ephemeral nor sequential.
    /// - Throws: `ZooKeeperError`; `server` is `.noAuth` or `.noChildrenForEphemerals` in the commonest
    ///   cases.
    public func ensurePath(
        _ path: String,
        mode: CreateMode = .persistent
    ) async throws(ZooKeeperError) {
        guard !mode.isEphemeral, !mode.isSequential, !mode.hasTTL else {
            throw ZooKeeperError(
                .badArgument,
                "ensurePath \(path): \(mode) znodes end by themselves"
            )
        }
        guard try await exists(path) == nil else { return }
        let levels = ZNodePath.levels(of: path)
        let answers = await batch(
            levels.map { level in
                let record = CreateRequest(path: level, data: [], acl: ACL.openUnsafe, mode: mode)
                return mode == .container ? .createContainer(record) : .create(record)
            }
        )
        // A level that is there may refuse whatever it likes, as long as the last one is made.
        guard case .failure(let last)? = answers.last, last.server != .nodeExists else { return }
        for case .failure(let error) in answers where error.server != .nodeExists { throw error }
    }

    /// Makes all znodes above a path that are missing, but not the one at its end.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - mode: As in `ensurePath`.
    /// - Throws: `ZooKeeperError`, as `ensurePath` does.
    public func ensureParents(
        of path: String,
        mode: CreateMode = .persistent
    ) async throws(ZooKeeperError) {
        guard let parent = ZNodePath.parent(of: path), parent != ZNodePath.root else { return }
        try await ensurePath(parent, mode: mode)
    }

    /// Removes a znode and all below it; fine if there is none.
    ///
    /// Lists and deletions are pipelined. What others make below meanwhile is removed too, for 16 rounds.
    /// Safe to repeat, so it goes on after a lost connection.
    ///
    /// - Parameters:
    ///   - path: Absolute, not the root.
    ///   - policy: For what a lost connection interrupts.
    /// - Throws: `ZooKeeperError`: `.overloaded` above 1,000,000 znodes; `server` is `.notEmpty` when
    ///   others never stop to make some.
    public func deleteRecursively(
        _ path: String,
        retrying policy: RetryPolicy = .exponential()
    ) async throws(ZooKeeperError) {
        guard path != ZNodePath.root else {
            throw ZooKeeperError(.badArgument, "/ stays; deleteChildren(of:) removes all below it")
        }
        try await deleteTree(path, [path], policy)
    }

    /// Removes all that is below a znode, but not the znode; fine if there is none.
    ///
    /// At the root the server's own `/zookeeper` stays.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - policy: As in `deleteRecursively`.
    /// - Throws: `ZooKeeperError`, as `deleteRecursively` does.
    public func deleteChildren(
        of path: String,
        retrying policy: RetryPolicy = .exponential()
    ) async throws(ZooKeeperError) {
        try await deleteTree(path, nil, policy)
    }

    /// Writes a znode's data, whether it is there or not.
    ///
    /// - Parameters:
    ///   - path: Absolute; the parent has to be there.
    ///   - data: What it holds then.
    ///   - mode: If it is made; not sequential.
    ///   - acl: If it is made.
    /// - Returns: True when it was made, false when it was there.
    /// - Throws: `ZooKeeperError`; a second time changes nothing, so `retrying` may repeat it with
    ///   `.ifUnknown`.
    @discardableResult
    public func createOrSet(
        _ path: String,
        data: [UInt8]?,
        mode: CreateMode = .persistent,
        acl: [ACL] = ACL.openUnsafe
    ) async throws(ZooKeeperError) -> Bool {
        var failure = ZooKeeperError(refused: .nodeExists, "createOrSet \(path)")
        for _ in 0..<Limits.writeRoundsMax {
            do throws(ZooKeeperError) {
                try await create(path, data: data, mode: mode, acl: acl)
                return true
            } catch  where error.server == .nodeExists {
                failure = error
            }
            do throws(ZooKeeperError) {
                try await setData(path, data: data)
                return false
            } catch  where error.server == .noNode {
                // Somebody has removed it in between.
                failure = error
            }
        }
        throw failure
    }

    // MARK: Inside

    /// Removes trees in rounds, until a round finds nothing that was not removed.
    private func deleteTree(
        _ path: String,
        _ tops: [String]?,
        _ policy: RetryPolicy
    ) async throws(ZooKeeperError) {
        var attempts = Attempts(policy, at: loop.now)
        var rounds = 0
        while true {
            do throws(ZooKeeperError) {
                let roots: [String]
                if let tops { roots = tops } else { roots = try await childPaths(path) }
                for answer in await delete(try await descendants(roots).reversed()) {
                    guard case .failure(let error) = answer, error.server != .noNode else {
                        continue
                    }
                    throw error
                }
                return
            } catch  where error.server == .notEmpty {
                rounds += 1
                guard rounds < Limits.writeRoundsMax else { throw error }
            } catch {
                guard Repetition.ifUnknown.isSafe(after: error), await goesOn(&attempts) else {
                    throw error
                }
            }
        }
    }

    private func childPaths(_ path: String) async throws(ZooKeeperError) -> [String] {
        do throws(ZooKeeperError) {
            return try await getChildren(path).map { ZNodePath.join(path, $0) }
                .filter { $0 != ZNodePath.servers }
        } catch  where error.server == .noNode {
            return []
        }
    }

    /// Trees as paths, parents before their children.
    private func descendants(_ tops: [String]) async throws(ZooKeeperError) -> [String] {
        var (found, level) = (tops, tops)
        // Bound: each turn is one level deeper, and finds at most so many znodes in all.
        while !level.isEmpty {
            var next: [String] = []
            for (parent, answer) in zip(level, await getChildren(level)) {
                switch answer {
                case .success(let names): next += names.map { ZNodePath.join(parent, $0) }
                case .failure(let error):
                    guard error.server == .noNode else { throw error }
                }
            }
            found += next
            guard found.count <= Limits.recursiveDeletionsMax else {
                throw ZooKeeperError(
                    .overloaded,
                    "more than \(Limits.recursiveDeletionsMax) znodes; remove them in parts"
                )
            }
            level = next
        }
        return found
    }
}
