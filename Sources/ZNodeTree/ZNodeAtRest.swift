public import ZooKeeperProtocol

/// All that is kept of a znode while no tree is in memory.
///
/// Its `cversion` follows from its creations and its number of children, its places in lists from the paths.
public struct ZNodeAtRest: Equatable, Sendable {
    /// Absolute.
    public var path: String
    /// What makes it go by itself.
    public var kind: ZNodeKind
    /// Nil for null, which is not the empty buffer.
    public var data: [UInt8]?
    /// Never empty.
    public var acl: [ACL]
    /// zxid of its creation.
    public var czxid: Int64
    /// zxid of the last change of its data.
    public var mzxid: Int64
    /// zxid of the last creation or deletion of a child; `czxid` at first.
    public var pzxid: Int64
    /// Milliseconds since 1970 of its creation.
    public var ctime: Int64
    /// Milliseconds since 1970 of the last change of its data.
    public var mtime: Int64
    /// Changes of its data.
    public var version: Int32
    /// Changes of its access list.
    public var aversion: Int32
    /// Children ever created: the next sequence number.
    public var creations: Int32

    /// Creates the value; nothing is checked here.
    public init(
        path: String,
        kind: ZNodeKind,
        data: [UInt8]?,
        acl: [ACL],
        czxid: Int64,
        mzxid: Int64,
        pzxid: Int64,
        ctime: Int64,
        mtime: Int64,
        version: Int32,
        aversion: Int32,
        creations: Int32
    ) {
        (self.path, self.kind, self.data, self.acl) = (path, kind, data, acl)
        (self.czxid, self.mzxid, self.pzxid) = (czxid, mzxid, pzxid)
        (self.ctime, self.mtime) = (ctime, mtime)
        (self.version, self.aversion, self.creations) = (version, aversion, creations)
    }

    init(_ node: ZNode) {
        self.init(
            path: node.path,
            kind: node.kind,
            data: node.data,
            acl: node.acl,
            czxid: node.czxid,
            mzxid: node.mzxid,
            pzxid: node.pzxid,
            ctime: node.ctime,
            mtime: node.mtime,
            version: node.version,
            aversion: node.aversion,
            creations: node.creations
        )
    }
}
