public import ZooKeeperProtocol

// The operations as `async` calls. Each throws `ZooKeeperError`, and ends at the latest when the
// connection is lost or one round over the servers has failed; cancelling the task does not shorten it.
extension ZooKeeperSession {
    /// Makes a znode.
    ///
    /// - Parameters:
    ///   - path: Absolute; sequential modes put ten digits behind it.
    ///   - data: What it holds; nil is stored as such.
    ///   - mode: Not one with a TTL.
    ///   - acl: Open to all by default.
    /// - Returns: The path made.
    /// - Throws: `ZooKeeperError`; `server` is `.nodeExists` or `.noNode` in the commonest cases.
    @discardableResult
    public func create(
        _ path: String,
        data: [UInt8]? = [],
        mode: CreateMode = .persistent,
        acl: [ACL] = ACL.openUnsafe
    ) async throws(ZooKeeperError) -> String {
        let record = CreateRequest(path: path, data: data, acl: acl, mode: mode)
        switch try await call(mode == .container ? .createContainer(record) : .create(record)) {
        case .path(let path): return path
        case .created(let created): return created.path
        case let other: throw unexpected(other)
        }
    }

    /// Makes a znode and all missing ones above it, which are persistent and empty.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - data: What the last one holds.
    ///   - mode: Of the last one.
    /// - Returns: The path made.
    /// - Throws: `ZooKeeperError`; `server` is `.nodeExists` when the last one is there.
    @discardableResult
    public func createWithParents(
        _ path: String,
        data: [UInt8]? = [],
        mode: CreateMode = .persistent
    ) async throws(ZooKeeperError) -> String {
        do throws(ZooKeeperError) {
            return try await create(path, data: data, mode: mode)
        } catch  where error.server == .noNode {
            guard let parent = ZNodePath.parent(of: path), parent != ZNodePath.root else {
                throw error
            }
            do throws(ZooKeeperError) {
                try await createWithParents(parent)
            } catch  where error.server == .nodeExists {
                // Somebody else was faster.
            }
            return try await create(path, data: data, mode: mode)
        }
    }

    /// Removes a znode.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - version: The expected one; -1 for any.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode`, `.notEmpty` or `.badVersion` in the commonest
    ///   cases.
    public func delete(_ path: String, version: Int32 = -1) async throws(ZooKeeperError) {
        _ = try await call(.delete(DeleteRequest(path: path, version: version)))
    }

    /// Reads a znode's Stat.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - watch: Fire once when it is made, changed or removed.
    /// - Returns: Nil when there is no such znode.
    /// - Throws: `ZooKeeperError`.
    public func exists(_ path: String, watch: Bool = false) async throws(ZooKeeperError) -> Stat? {
        do throws(ZooKeeperError) {
            switch try await call(.exists(ExistsRequest(path: path, watch: watch))) {
            case .stat(let stat): return stat
            case let other: throw unexpected(other)
            }
        } catch  where error.server == .noNode {
            return nil
        }
    }

    /// Reads a znode's data.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - watch: Fire once when it is changed or removed.
    /// - Returns: Data, nil where null is stored, and Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is none.
    public func getData(
        _ path: String,
        watch: Bool = false
    ) async throws(ZooKeeperError) -> (data: [UInt8]?, stat: Stat) {
        switch try await call(.getData(GetDataRequest(path: path, watch: watch))) {
        case .data(let record): return (record.data, record.stat)
        case let other: throw unexpected(other)
        }
    }

    /// Replaces a znode's data.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - data: The new data.
    ///   - version: The expected one; -1 for any.
    /// - Returns: The new Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` or `.badVersion` in the commonest cases.
    @discardableResult
    public func setData(
        _ path: String,
        data: [UInt8]?,
        version: Int32 = -1
    ) async throws(ZooKeeperError) -> Stat {
        switch try await call(.setData(SetDataRequest(path: path, data: data, version: version))) {
        case .stat(let stat): return stat
        case let other: throw unexpected(other)
        }
    }

    /// Lists a znode's children.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - watch: Fire once when a child is made or removed, or the znode is removed.
    /// - Returns: Names, in no order.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is no such znode.
    public func getChildren(
        _ path: String,
        watch: Bool = false
    ) async throws(ZooKeeperError) -> [String] {
        switch try await call(.getChildren(GetChildrenRequest(path: path, watch: watch))) {
        case .names(let names): return names
        case let other: throw unexpected(other)
        }
    }

    /// Lists a znode's children and reads its Stat.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - watch: As in `getChildren`.
    /// - Returns: Names, in no order, and the Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is no such znode.
    public func getChildren2(
        _ path: String,
        watch: Bool = false
    ) async throws(ZooKeeperError) -> (children: [String], stat: Stat) {
        switch try await call(.getChildren2(GetChildrenRequest(path: path, watch: watch))) {
        case .children(let record): return (record.children, record.stat)
        case let other: throw unexpected(other)
        }
    }

    /// Waits until the connected server has seen all writes that were made before.
    ///
    /// - Throws: `ZooKeeperError`.
    public func sync(_ path: String = ZNodePath.root) async throws(ZooKeeperError) {
        _ = try await call(.sync(SyncRequest(path: path)))
    }

    /// Sets a watch that stays: its events come to the sink and to `watchEvents`.
    ///
    /// It is set again after each reconnect, before anything else; after an expiry it is gone.
    ///
    /// - Parameters:
    ///   - path: Absolute; need not exist.
    ///   - mode: With or without all descendants.
    /// - Throws: `ZooKeeperError`; `server` is `.unimplemented` at servers before 3.6.
    public func addWatch(
        _ path: String,
        mode: AddWatchRequest.Mode
    ) async throws(ZooKeeperError) {
        _ = try await call(.addWatch(AddWatchRequest(path: path, mode: mode)))
    }

    /// Sends any request and waits for its reply.
    ///
    /// - Parameter request: With paths of this session, without its chroot.
    /// - Returns: The response; a failed multi is one, with the codes in its results.
    /// - Throws: `ZooKeeperError`.
    public func call(_ request: Request) async throws(ZooKeeperError) -> Response {
        try await exchange(request).reply.get().response
    }

    /// Sends a request and waits for its end.
    ///
    /// - Returns: The reply, and the kinds of watches that it took back.
    func exchange(_ request: Request) async -> (reply: CallTable.Reply, removed: Set<WatchKind>) {
        var number: UInt64 = 0
        let reply = await withCheckedContinuation { continuation in
            number = calls.add(continuation)
            submit(request, .call(number))
        }
        return (reply, engine.removals.removeValue(forKey: number) ?? [])
    }

    func unexpected(_ response: Response) -> ZooKeeperError {
        ZooKeeperError(.badReply, "reply of another shape: \(response)")
    }
}
