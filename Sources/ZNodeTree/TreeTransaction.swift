public import Wire

/// All effects of one zxid, as they stand in one record of the log.
///
/// Step of the data flow: the tree records such transactions, whoever folds the log reads them. The form is
/// described at `RecordWriter`.
public struct TreeTransaction: Equatable, Sendable {
    /// The transaction's number.
    public var zxid: Int64
    /// When it took place, in milliseconds since 1970; 0 where nothing is stamped with it.
    public var milliseconds: Int64
    /// The effects, in order.
    public var changes: [TreeChange]

    /// Creates a transaction.
    public init(zxid: Int64, milliseconds: Int64, changes: [TreeChange]) {
        (self.zxid, self.milliseconds, self.changes) = (zxid, milliseconds, changes)
    }

    /// Reads the payload of a record.
    ///
    /// - Parameters:
    ///   - zxid: Stands beside the payload in the log.
    ///   - payload: The whole record, nothing before or behind it.
    /// - Throws: `WireError` with the offset of the first value that is none.
    public init(zxid: Int64, decoding payload: Span<UInt8>) throws(WireError) {
        var reader = try RecordReader(payload)
        (self.zxid, milliseconds, changes) = (zxid, reader.milliseconds, [])
        changes.reserveCapacity(reader.left)
        while let change = try reader.next() { changes.append(change) }
    }

    /// Appends the payload of its record.
    public func encode(into bytes: inout ByteWriter) {
        var writer = RecordWriter(bytes)
        // Lest both have the bytes, and the first that writes copies them.
        bytes = ByteWriter()
        writer.begin(at: milliseconds)
        for change in changes { writer.write(change) }
        writer.end()
        bytes = writer.bytes
    }
}
