public import Wire

/// Makes a znode: ops create, create2 and createContainer.
///
/// A null access list, or a null in it, reads as an empty one: both are refused as INVALIDACL.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, CreateRequest):
/// ```
/// string path | buffer data | vector<ACL> acl | int flags
/// ```
public struct CreateRequest: Record {
    /// Absolute path, or its beginning for sequential kinds; the server checks its form.
    public var path: String
    /// The znode's data; null is kept apart from empty.
    public var data: [UInt8]?
    /// Who may do what.
    public var acl: [ACL]
    /// The number of a `CreateMode`, or any other; the server answers that.
    public var flags: Int32

    /// Creates the record; nothing is checked here.
    public init(path: String, data: [UInt8]?, acl: [ACL], flags: Int32) {
        (self.path, self.data, self.acl, self.flags) = (path, data, acl, flags)
    }

    /// Creates the record for a known mode.
    public init(path: String, data: [UInt8]?, acl: [ACL] = ACL.openUnsafe, mode: CreateMode) {
        self.init(path: path, data: data, acl: acl, flags: mode.rawValue)
    }

    /// The kind of znode, or nil when the flags are unknown.
    public var mode: CreateMode? { CreateMode(rawValue: flags) }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
        data = try reader.readBuffer()
        acl =
            reader.skipOpenACL()
            ? ACL.openUnsafe : try reader.readRecords(elementBytesMin: Limits.aclBytesMin) ?? []
        flags = try reader.readInt32()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
        writer.writeBuffer(data)
        writer.writeRecords(acl)
        writer.writeInt32(flags)
    }
}
