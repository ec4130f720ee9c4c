/// Appends big-endian values to a growing array of bytes.
///
/// Step of the data flow: the last one before a socket or a file. Invariant: what was written never
/// changes, except through `patchUInt16` and `patchInt32`, which fill in lengths known only later.
public struct ByteWriter: Sendable {
    /// Everything written so far.
    public private(set) var bytes: [UInt8]

    /// Starts empty, with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Bytes written so far.
    public var count: Int { bytes.count }

    /// Appends one byte.
    public mutating func writeUInt8(_ value: UInt8) { bytes.append(value) }
    /// Appends two bytes.
    public mutating func writeUInt16(_ value: UInt16) { append(UInt64(value), width: 2) }
    /// Appends four bytes.
    public mutating func writeUInt32(_ value: UInt32) { append(UInt64(value), width: 4) }
    /// Appends four bytes, signed.
    public mutating func writeInt32(_ value: Int32) { writeUInt32(UInt32(bitPattern: value)) }
    /// Appends eight bytes, signed.
    public mutating func writeInt64(_ value: Int64) {
        append(UInt64(bitPattern: value), width: 8)
    }
    /// Appends one byte, 1 for true.
    public mutating func writeBool(_ value: Bool) { bytes.append(value ? 1 : 0) }
    /// Appends bytes as they are.
    public mutating func writeBytes(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
    }
    /// Forgets everything written and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Replaces the two bytes at `offset`, which were written before.
    public mutating func patchUInt16(_ value: UInt16, at offset: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Replaces the four bytes at `offset`, which were written before.
    public mutating func patchInt32(_ value: Int32, at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> Int32(24 - 8 * index))
        }
    }

    private mutating func append(_ value: UInt64, width: Int) {
        for shift in stride(from: (width - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
