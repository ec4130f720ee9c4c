public import Wire

/// What a znode's life has been so far: 68 bytes.
///
/// Times are milliseconds since 1970, UTC.
/// Wire format (ZooKeeper 3.8 zookeeper.jute, Stat):
/// ```
/// long czxid | long mzxid | long ctime | long mtime | int version | int cversion | int aversion
/// long ephemeralOwner | int dataLength | int numChildren | long pzxid
/// ```
public struct Stat: Record {
    /// zxid of its creation.
    public var czxid: Int64
    /// zxid of the last change of its data; `czxid` at first.
    public var mzxid: Int64
    /// Milliseconds since 1970 of its creation.
    public var ctime: Int64
    /// Milliseconds since 1970 of the last change of its data.
    public var mtime: Int64
    /// Changes of its data.
    public var version: Int32
    /// Creations plus deletions of children.
    public var cversion: Int32
    /// Changes of its access list.
    public var aversion: Int32
    /// Session that owns the ephemeral; 0 for everything else, containers included.
    public var ephemeralOwner: Int64
    /// Bytes of data; 0 for null data.
    public var dataLength: Int32
    /// Direct children.
    public var numChildren: Int32
    /// zxid of the last creation or deletion of a child; `czxid` at first.
    public var pzxid: Int64

    /// Creates the record; nothing is checked here.
    public init(
        czxid: Int64,
        mzxid: Int64,
        ctime: Int64,
        mtime: Int64,
        version: Int32,
        cversion: Int32,
        aversion: Int32,
        ephemeralOwner: Int64,
        dataLength: Int32,
        numChildren: Int32,
        pzxid: Int64
    ) {
        (
            self.czxid, self.mzxid, self.ctime, self.mtime, self.version, self.cversion,
            self.aversion, self.ephemeralOwner, self.dataLength, self.numChildren, self.pzxid
        ) = (
            czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, dataLength,
            numChildren, pzxid
        )
    }

    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    public init(from reader: inout ByteReader) throws(WireError) {
        czxid = try reader.readInt64()
        mzxid = try reader.readInt64()
        ctime = try reader.readInt64()
        mtime = try reader.readInt64()
        version = try reader.readInt32()
        cversion = try reader.readInt32()
        aversion = try reader.readInt32()
        ephemeralOwner = try reader.readInt64()
        dataLength = try reader.readInt32()
        numChildren = try reader.readInt32()
        pzxid = try reader.readInt64()
    }

    /// Appends the record's bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInt64(czxid)
        writer.writeInt64(mzxid)
        writer.writeInt64(ctime)
        writer.writeInt64(mtime)
        writer.writeInt32(version)
        writer.writeInt32(cversion)
        writer.writeInt32(aversion)
        writer.writeInt64(ephemeralOwner)
        writer.writeInt32(dataLength)
        writer.writeInt32(numChildren)
        writer.writeInt64(pzxid)
    }
}
