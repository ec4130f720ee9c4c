public import ZooKeeperProtocol

// The rarer operations: special znodes, counts, and the ensemble itself.
extension ZooKeeperSession {
    /// Makes a znode that the server removes when it had no children and no change for a while.
    ///
    /// - Parameters:
    ///   - path: Absolute; with `isSequential` ten digits are put behind it.
    ///   - data: What it holds; nil is stored as such.
    ///   - ttlMilliseconds: 1 to 2^40 - 1.
    ///   - isSequential: Number it.
    ///   - acl: Open to all by default.
    /// - Returns: The path made and its Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.unimplemented` where a server has no TTL znodes.
    @discardableResult
    public func create(
        _ path: String,
        data: [UInt8]? = [],
        ttlMilliseconds: Int64,
        isSequential: Bool = false,
        acl: [ACL] = ACL.openUnsafe
    ) async throws(ZooKeeperError) -> (path: String, stat: Stat) {
        let mode: CreateMode = isSequential ? .persistentSequentialTTL : .persistentTTL
        let record = CreateTTLRequest(
            create: CreateRequest(path: path, data: data, acl: acl, mode: mode),
            ttlMilliseconds: ttlMilliseconds
        )
        switch try await call(.createTTL(record)) {
        case .created(let created): return (created.path, created.stat)
        case let other: throw unexpected(other)
        }
    }

    /// The ephemerals of this session.
    ///
    /// - Parameter prefix: Only paths that begin with this text; it need not end at a slash.
    /// - Returns: Paths, in no order.
    /// - Throws: `ZooKeeperError`; `server` is `.unimplemented` at servers before 3.6.
    public func getEphemerals(
        _ prefix: String = ZNodePath.root
    ) async throws(ZooKeeperError) -> [String] {
        switch try await call(.getEphemerals(GetEphemeralsRequest(prefix: prefix))) {
        case .names(let paths): return paths
        case let other: throw unexpected(other)
        }
    }

    /// Counts all znodes below one.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: Children, their children and so on; without the znode itself.
    /// - Throws: `ZooKeeperError`; `server` is `.noNode` when there is no such znode.
    public func getAllChildrenNumber(_ path: String) async throws(ZooKeeperError) -> Int {
        let request = GetAllChildrenNumberRequest(path: path)
        switch try await call(.getAllChildrenNumber(request)) {
        case .number(let number): return Int(number)
        case let other: throw unexpected(other)
        }
    }

    /// Changes the servers of an ensemble.
    ///
    /// - Parameters:
    ///   - joining: Servers to add, as in `server.N=` lines, separated by commas; or nil.
    ///   - leaving: Numbers of servers to remove, separated by commas; or nil.
    ///   - members: The whole new list in place of both; or nil.
    ///   - version: The configuration that the change is based on; -1 for any.
    /// - Returns: The new configuration's text and Stat.
    /// - Throws: `ZooKeeperError`; `server` is `.unimplemented` or `.reconfigDisabled` at servers that
    ///   stand alone.
    public func reconfig(
        joining: String?,
        leaving: String?,
        members: String?,
        version: Int64 = -1
    ) async throws(ZooKeeperError) -> (data: [UInt8]?, stat: Stat) {
        let record = ReconfigRequest(
            joiningServers: joining,
            leavingServers: leaving,
            newMembers: members,
            currentConfigID: version
        )
        switch try await call(.reconfig(record)) {
        case .data(let record): return (record.data, record.stat)
        case let other: throw unexpected(other)
        }
    }
}
