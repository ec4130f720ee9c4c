import Wire

/// Stands before each part of a multi or multiRead, and at its end.
///
/// Wire format (ZooKeeper 3.8 zookeeper.jute, MultiHeader):
/// ```
/// int type | bool done | int err
/// ```
struct MultiHeader: Record {
    /// An op code, or -1 for an error or the end.
    var type: Int32
    /// True at the end, where no part follows.
    var done: Bool
    /// -1 in requests and at the end, in responses the part's result.
    var error: Int32

    /// The end of a multi, request or response.
    static let end = MultiHeader(type: -1, done: true, error: -1)

    init(type: Int32, done: Bool, error: Int32) {
        (self.type, self.done, self.error) = (type, done, error)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        type = try reader.readInt32()
        done = try reader.readBool()
        error = try reader.readInt32()
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeInt32(type)
        writer.writeBool(done)
        writer.writeInt32(error)
    }
}
