public import Wire

/// Replaces a znode's access list.
///
/// A null list reads as an empty one: both are refused as INVALIDACL.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, SetACLRequest):
/// ```
/// string path | vector<ACL> acl | int version
/// ```
public struct SetACLRequest: Record {
    /// Absolute path; the server checks its form.
    public var path: String
    /// Who may do what from now on.
    public var acl: [ACL]
    /// The expected version of the access list (`Stat.aversion`), -1 for any.
    public var version: Int32

    /// Creates the record; nothing is checked here.
    public init(path: String, acl: [ACL], version: Int32) {
        (self.path, self.acl, self.version) = (path, acl, version)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        acl = try reader.readRecords(elementBytesMin: Limits.aclBytesMin) ?? []
        version = try reader.readInt32()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeRecords(acl)
        writer.writeInt32(version)
    }
}
