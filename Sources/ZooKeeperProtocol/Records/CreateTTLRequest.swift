public import Wire

/// Makes a znode that goes when it is left unused: op createTTL.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, CreateTTLRequest):
/// ```
/// string path | buffer data | vector<ACL> acl | int flags | long ttl
/// ```
public struct CreateTTLRequest: Record {
    /// All that the other creates have too; flags 5 or 6.
    public var create: CreateRequest
    /// How long it lives unused, 1 to 2^40 - 1.
    public var ttlMilliseconds: Int64

    /// Creates the record; nothing is checked here.
    public init(create: CreateRequest, ttlMilliseconds: Int64) {
        (self.create, self.ttlMilliseconds) = (create, ttlMilliseconds)
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        create = try CreateRequest(from: &reader)
        ttlMilliseconds = try reader.readInt64()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        create.encode(into: &writer)
        writer.writeInt64(ttlMilliseconds)
    }
}
