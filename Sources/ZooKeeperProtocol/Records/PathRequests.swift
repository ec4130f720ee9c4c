public import Wire

/// Waits until the server has applied every write committed so far.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, SyncRequest):
/// ```
/// string path
/// ```
public struct SyncRequest: Record {
    /// Comes back in the answer; need not exist.
    public var path: String

    /// Creates the record; nothing is checked here.
    public init(path: String) {
        self.path = path
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
    }
}

/// Reads a znode's access list.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, GetACLRequest):
/// ```
/// string path
/// ```
public struct GetACLRequest: Record {
    /// Absolute path; the server checks its form.
    public var path: String

    /// Creates the record; nothing is checked here.
    public init(path: String) {
        self.path = path
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
    }
}

/// Counts a znode's descendants.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, GetAllChildrenNumberRequest):
/// ```
/// string path
/// ```
public struct GetAllChildrenNumberRequest: Record {
    /// Absolute path; the server checks its form.
    public var path: String

    /// Creates the record; nothing is checked here.
    public init(path: String) {
        self.path = path
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        path = try reader.readString()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(path)
    }
}

/// Lists the session's own ephemerals.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, GetEphemeralsRequest):
/// ```
/// string prefixPath
/// ```
public struct GetEphemeralsRequest: Record {
    /// Beginning of the paths, by characters and not by components; empty, as a null is read, for all.
    public var prefix: String

    /// Creates the record; nothing is checked here.
    public init(prefix: String) {
        self.prefix = prefix
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        prefix = try reader.readOptionalString() ?? ""
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(prefix)
    }
}
