public import ZooKeeperProtocol

/// Writes that a server carries out together or not at all, with a place for the result of each.
///
/// ```swift
/// var transaction = Transaction()
/// transaction.check("/queue", version: 3)
/// let item = transaction.create("/queue/item-", mode: .persistentSequential)
/// let results = try await session.commit(transaction)
/// print(results[item])  // /queue/item-0000000007
/// ```
/// Later operations see what earlier ones did. A value: nothing is sent before `commit`.
public struct Transaction: Equatable, Sendable {
    /// Names one operation of a transaction, and with it the type of its result.
    public struct Part<Outcome: Sendable>: Hashable, Sendable {
        /// The operation's place, from 0.
        public let index: Int
    }

    /// The operations, in their order.
    public private(set) var operations: [MultiRequest.Operation] = []

    /// Creates a transaction without operations.
    public init() {}

    /// Adds the making of a znode.
    ///
    /// - Parameters:
    ///   - path: Absolute; sequential modes put ten digits behind it.
    ///   - data: What it holds; nil is stored as such.
    ///   - mode: Not one with a TTL.
    ///   - acl: Open to all by default.
    /// - Returns: Where the path made is found.
    @discardableResult
    public mutating func create(
        _ path: String,
        data: [UInt8]? = [],
        mode: CreateMode = .persistent,
        acl: [ACL] = ACL.openUnsafe
    ) -> Part<String> {
        let record = CreateRequest(path: path, data: data, acl: acl, mode: mode)
        return add(mode == .container ? .createContainer(record) : .create(record))
    }

    /// Adds the making of a znode that the server removes when it was not used for a while.
    ///
    /// - Parameters:
    ///   - path: Absolute; with a sequential mode ten digits are put behind it.
    ///   - data: What it holds; nil is stored as such.
    ///   - ttlMilliseconds: 1 to 2^40 - 1.
    ///   - mode: One with a TTL.
    ///   - acl: Open to all by default.
    /// - Returns: Where the path made is found.
    @discardableResult
    public mutating func create(
        _ path: String,
        data: [UInt8]? = [],
        ttlMilliseconds: Int64,
        mode: CreateMode = .persistentTTL,
        acl: [ACL] = ACL.openUnsafe
    ) -> Part<String> {
        let record = CreateRequest(path: path, data: data, acl: acl, mode: mode)
        return add(.createTTL(CreateTTLRequest(create: record, ttlMilliseconds: ttlMilliseconds)))
    }

    /// Adds the removal of a znode.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - version: The expected one; -1 for any.
    public mutating func delete(_ path: String, version: Int32 = -1) {
        operations.append(.delete(DeleteRequest(path: path, version: version)))
    }

    /// Adds the replacement of a znode's data.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - data: The new data.
    ///   - version: The expected one; -1 for any.
    /// - Returns: Where the new Stat is found.
    @discardableResult
    public mutating func setData(
        _ path: String,
        data: [UInt8]?,
        version: Int32 = -1
    ) -> Part<Stat> {
        add(.setData(SetDataRequest(path: path, data: data, version: version)))
    }

    /// Adds a condition: all fails unless the znode has the version.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - version: The expected one; -1 asks only that the znode is there.
    public mutating func check(_ path: String, version: Int32) {
        operations.append(.check(CheckVersionRequest(path: path, version: version)))
    }

    private mutating func add<Outcome>(_ operation: MultiRequest.Operation) -> Part<Outcome> {
        operations.append(operation)
        return Part(index: operations.count - 1)
    }
}
