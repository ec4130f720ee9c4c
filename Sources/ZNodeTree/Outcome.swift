public import ZooKeeperProtocol

/// What a request did: the answer, and who is to be told.
///
/// The hits must reach their connections before the answer, and before any answer that shows the change.
public struct Outcome: Sendable {
    /// The answer, or why there is none.
    public var result: Result<Response, ErrorCode>
    /// zxid of the write, or the last one that the request could see.
    public var zxid: Int64
    /// Least zxid that must be durable before the answer may leave.
    public var dependsOn: Int64
    /// True when the request used up a zxid.
    public var isChange: Bool
    /// Watches that fired, in the order of the changes.
    public var hits: [WatchHit]
    /// Quotas that it went beyond, or would have.
    public var excesses: [QuotaExcess] = []

    /// The response, or nil for a failure.
    public var response: Response? { try? result.get() }

    /// The code of the failure; `.ok` for success.
    public var error: ErrorCode {
        switch result {
        case .success: .ok
        case .failure(let code): code
        }
    }
}

/// One event, and the connections whose watches fired.
///
/// A connection that may not read the node is not told, though its watch has fired.
public struct WatchHit: Equatable, Sendable {
    /// What they are told.
    public var event: WatchEvent
    /// Each once, oldest first; never empty.
    public var connections: [ConnectionID]
    /// The access list of the event's node when it changed; for a deleted one, the last it had.
    public var acl: [ACL]

    /// Creates a hit.
    public init(
        _ event: WatchEvent,
        _ connections: [ConnectionID],
        acl: [ACL] = ACL.openUnsafe
    ) {
        (self.event, self.connections, self.acl) = (event, connections, acl)
    }

    /// True when everyone may read the node.
    public var isForAll: Bool {
        acl.contains { $0.scheme == "world" && $0.permissions.contains(.read) }
    }

    /// True when someone may read the node.
    ///
    /// - Parameter caller: Whose watch fired.
    /// - Returns: True when the caller is to be told.
    public func isFor(_ caller: Caller) -> Bool { ZNodeTree.allows(.read, acl, caller) }
}
