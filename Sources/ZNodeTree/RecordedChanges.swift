import Wire

/// Records of what the tree did, on their way to the log: one for each committed change.
///
/// Step of the data flow: between the tree, which fills it, and whoever writes the log, who takes the records
/// over and empties it. Nobody else bounds it.
public struct RecordedChanges {
    /// One record.
    public struct Entry: Equatable, Sendable {
        /// Of the change.
        public let zxid: Int64
        /// Where its payload ends, in bytes from the first one's start.
        public let end: Int
    }

    /// In the order of the changes.
    public private(set) var entries: [Entry] = []
    var writer = RecordWriter()

    /// True without records.
    public var isEmpty: Bool { entries.isEmpty }
    /// Bytes of all payloads.
    public var byteCount: Int { writer.bytes.count }
    /// Payloads, back to back.
    public var bytes: [UInt8] { writer.bytes.bytes }

    /// Hands out the records in their order.
    ///
    /// - Parameter body: Gets the zxid and the payload.
    public func forEachRecord(_ body: (_ zxid: Int64, _ payload: Span<UInt8>) -> Void) {
        let bytes = bytes
        let span = bytes.span
        var start = 0
        for entry in entries {
            body(entry.zxid, span.extracting(start..<entry.end))
            start = entry.end
        }
    }

    /// Forgets all records and keeps the memory, unless there was a very long one.
    public mutating func removeAll() {
        writer.removeAll()
        entries.removeAll(keepingCapacity: true)
    }

    /// Bytes of the last record's payload; 0 without records.
    var lastByteCount: Int {
        guard let last = entries.last else { return 0 }
        return last.end - (entries.count > 1 ? entries[entries.count - 2].end : 0)
    }

    /// Takes the last record back.
    mutating func removeLast() {
        writer.truncate(to: byteCount - lastByteCount)
        entries.removeLast()
    }

    mutating func end(zxid: Int64) {
        writer.end()
        entries.append(Entry(zxid: zxid, end: writer.bytes.count))
    }
}
