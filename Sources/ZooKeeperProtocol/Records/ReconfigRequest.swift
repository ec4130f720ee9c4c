public import Wire

/// Changes an ensemble's membership; a server that stands alone refuses it.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, ReconfigRequest):
/// ```
/// string joiningServers | string leavingServers | string newMembers | long curConfigId
/// ```
public struct ReconfigRequest: Record {
    /// Server lines to add, separated by commas.
    public var joiningServers: String?
    /// Server ids to remove, separated by commas.
    public var leavingServers: String?
    /// The whole new membership instead.
    public var newMembers: String?
    /// Version of the configuration that is to be changed, -1 for any.
    public var currentConfigID: Int64

    /// Creates the record; nothing is checked here.
    public init(
        joiningServers: String?,
        leavingServers: String?,
        newMembers: String?,
        currentConfigID: Int64
    ) {
        (self.joiningServers, self.leavingServers, self.newMembers, self.currentConfigID) = (
            joiningServers, leavingServers, newMembers, currentConfigID
        )
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        joiningServers = try reader.readOptionalString()
        leavingServers = try reader.readOptionalString()
        newMembers = try reader.readOptionalString()
        currentConfigID = try reader.readInt64()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeOptionalString(joiningServers)
        writer.writeOptionalString(leavingServers)
        writer.writeOptionalString(newMembers)
        writer.writeInt64(currentConfigID)
    }
}
