import Wire

/// Names of children as they stand in a reply, encoded once for all who ask for them.
///
/// Step of the data flow: from the tree into many frames, by reference; nobody changes it. Wire format
/// (ZooKeeper 3.8 zookeeper.jute, GetChildrenResponse):
/// ```
/// int count | count x (int length | length bytes)
/// ```
public final class EncodedNames: Sendable {
    /// The whole vector.
    public let bytes: [UInt8]

    /// No names at all.
    public static let none = EncodedNames([])

    /// Encodes the names in their order.
    ///
    /// - Complexity: O(bytes), one allocation.
    public init(_ names: [Substring]) {
        let fieldBytes = Limits.frameLengthBytes
        var writer = ByteWriter(
            capacity: names.reduce(fieldBytes) { $0 + fieldBytes + $1.utf8.count }
        )
        writer.writeInt32(Int32(clamping: names.count))
        for name in names {
            writer.writeInt32(Int32(clamping: name.utf8.count))
            writer.writeBytes(name.utf8)
        }
        bytes = writer.bytes
    }
}
