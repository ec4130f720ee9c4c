public import Wire

/// A jute record: its fields one after the other, without names, tags or padding.
///
/// Step of the data flow: between the bytes of a frame and the values that tree, server and client work
/// with. Reading leaves bytes behind the last field alone, as ZooKeeper does, and never traps.
/// Types (ZooKeeper 3.8 BinaryInputArchive): int 4 bytes, long 8 bytes, both big endian and signed; bool
/// 1 byte; string and buffer an int length and so many bytes; vector an int count and so many elements.
/// Length or count -1 is null.
public protocol Record: Equatable, Sendable {
    /// Reads the record from where the reader stands.
    ///
    /// - Throws: `WireError` with the offset of the first bad value.
    init(from reader: inout ByteReader) throws(WireError)

    /// Appends the record's bytes.
    func encode(into writer: inout ByteWriter)
}
