public import ZooKeeperProtocol

/// One effect that a transaction has on the tree or its sessions.
///
/// Values are absolute, so that effects can be folded without a tree. All take place at the transaction's zxid
/// and time, which become the node's czxid, mzxid and pzxid, ctime and mtime as said at each case. `owner` is the
/// session of an ephemeral and 0 for any other znode: the tree at rest files them by it.
public enum TreeChange: Equatable, Sendable {
    /// A znode has come: zxids and times are the transaction's, versions and creations are 0.
    ///
    /// Its parent has made so many children now, and has the zxid as its pzxid.
    case created(
        path: String,
        kind: ZNodeKind,
        data: [UInt8]?,
        acl: [ACL],
        parentCreations: Int32
    )
    /// A znode without children has gone; its parent has the zxid as its pzxid.
    case deleted(path: String, owner: Int64)
    /// New data of that version; mzxid and mtime are the transaction's.
    case dataSet(path: String, owner: Int64, data: [UInt8]?, version: Int32)
    /// A new access list of that version; nothing else changes.
    case aclSet(path: String, owner: Int64, acl: [ACL], version: Int32)
    /// Figures of a quota whose limits have gone: the data of its statistics change and nothing else.
    ///
    /// Earlier versions wrote it for whatever was counted.
    case counted(path: String, owner: Int64, data: [UInt8]?)
    /// A session has begun.
    case sessionOpened(id: Int64, timeoutMilliseconds: Int32)
    /// A session goes on with another timeout.
    case sessionResumed(id: Int64, timeoutMilliseconds: Int32)
    /// A session is over: each of its ephemerals has gone, as with `deleted`.
    case sessionEnded(id: Int64)
}
