public import Wire

/// A znode's access list and Stat.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, GetACLResponse):
/// ```
/// vector<ACL> acl | Stat
/// ```
public struct GetACLResponse: Record {
    /// The list, in the order it was given.
    public var acl: [ACL]
    /// The znode's Stat.
    public var stat: Stat

    /// Creates the record; nothing is checked here.
    public init(acl: [ACL], stat: Stat) {
        (self.acl, self.stat) = (acl, stat)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        acl = try reader.readRecords(elementBytesMin: Limits.aclBytesMin) ?? []
        stat = try Stat(from: &reader)
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeRecords(acl)
        stat.encode(into: &writer)
    }
}
