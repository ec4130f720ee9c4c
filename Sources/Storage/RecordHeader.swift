/// What stands before a record's payload, as `LogFormat` shows it; without the checksum, which comes first.
struct RecordHeader: Equatable {
    /// Of the payload, in bytes.
    var length: Int
    var zxid: Int64
    var batch: UInt32
    var kind: LogFormat.Kind
    /// The last one of its batch.
    var isLast: Bool

    static let checksumBytes = 4

    init(length: Int, zxid: Int64, batch: UInt32, kind: LogFormat.Kind, isLast: Bool) {
        (self.length, self.zxid, self.batch) = (length, zxid, batch)
        (self.kind, self.isLast) = (kind, isLast)
    }

    /// True for a record of that batch or a later one; their count begins anew after 2 to the 32nd.
    func isInBatch(from first: UInt32) -> Bool { Int32(bitPattern: batch &- first) >= 0 }

    /// Reads a header, and looks at nothing but its form; nil for bytes that are none, such as zeros.
    ///
    /// - Parameter bytes: At least `LogFormat.recordHeaderBytes`.
    init?(_ bytes: Span<UInt8>) {
        guard let kind = LogFormat.Kind(rawValue: bytes[20]), bytes[21] <= 1,
            bytes[22] | bytes[23] == 0
        else { return nil }
        length = Int(Self.number(bytes, at: 4))
        zxid = Int64(Self.number(bytes, at: 8)) << 32 | Int64(Self.number(bytes, at: 12))
        batch = Self.number(bytes, at: 16)
        (self.kind, isLast) = (kind, bytes[21] == 1)
    }

    func write(into bytes: inout [UInt8], at start: Int) {
        Self.write(UInt32(truncatingIfNeeded: length), into: &bytes, at: start + 4)
        Self.write(UInt32(truncatingIfNeeded: zxid >> 32), into: &bytes, at: start + 8)
        Self.write(UInt32(truncatingIfNeeded: zxid), into: &bytes, at: start + 12)
        Self.write(batch, into: &bytes, at: start + 16)
        bytes[start + 20] = kind.rawValue
        bytes[start + 21] = isLast ? 1 : 0
    }

    /// The checksum that stands before the header.
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 { number(bytes, at: 0) }

    /// A number of four bytes, big-endian.
    static func write(_ number: UInt32, into bytes: inout [UInt8], at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * index))
        }
    }

    static func number(_ bytes: Span<UInt8>, at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
    }
}
