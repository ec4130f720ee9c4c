package import ZooKeeperProtocol

/// A `TreeChange` as it stands in a record: paths and data are said by where they are in the payload.
///
/// For who reads many records and keeps little of them: nothing is copied. The bytes of a path are UTF-8.
package enum RecordedEffect {
    /// A znode has come.
    case created(
        path: Range<Int>,
        kind: ZNodeKind,
        data: Range<Int>?,
        acl: [ACL],
        parentCreations: Int32
    )
    /// A znode has gone.
    case deleted(path: Range<Int>, owner: Int64)
    /// New data of that version.
    case dataSet(path: Range<Int>, owner: Int64, data: Range<Int>?, version: Int32)
    /// A new access list of that version.
    case aclSet(path: Range<Int>, owner: Int64, acl: [ACL], version: Int32)
    /// Figures of a quota.
    case counted(path: Range<Int>, owner: Int64, data: Range<Int>?)
    /// A session has begun.
    case sessionOpened(id: Int64, timeoutMilliseconds: Int32)
    /// A session goes on with another timeout.
    case sessionResumed(id: Int64, timeoutMilliseconds: Int32)
    /// A session is over, and its ephemerals with it.
    case sessionEnded(id: Int64)
}
