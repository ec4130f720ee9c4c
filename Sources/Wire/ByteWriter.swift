/// Appends big-endian values to a growing array of bytes.
///
/// Step of the data flow: the last one before a socket or a file. Invariant: what was written never
/// changes, except through `patchUInt16` and `patchInt32`, which fill in lengths known only later.
///
/// HOT: 5 ns a value, no allocation while the capacity lasts, which doubles when it ends (benchmark
/// `wire`).
public struct ByteWriter: Sendable {
    /// Everything written so far.
    @inlinable public var bytes: [UInt8] { storage }
    @usableFromInline var storage: [UInt8]

    /// Starts empty, with room for `capacity` bytes.
    @inlinable
    public init(capacity: Int = 0) {
        storage = []
        storage.reserveCapacity(capacity)
    }

    /// Bytes written so far.
    @inlinable public var count: Int { storage.count }

    /// Appends one byte.
    @inlinable
    public mutating func writeUInt8(_ value: UInt8) { storage.append(value) }

    /// Appends two bytes.
    @inlinable
    public mutating func writeUInt16(_ value: UInt16) {
        storage.append(addingCapacity: 2) { $0.append(bigEndian: value) }
    }

    /// Appends four bytes.
    @inlinable
    public mutating func writeUInt32(_ value: UInt32) {
        storage.append(addingCapacity: 4) { $0.append(bigEndian: value) }
    }

    /// Appends four bytes, signed.
    @inlinable
    public mutating func writeInt32(_ value: Int32) { writeUInt32(UInt32(bitPattern: value)) }

    /// Appends eight bytes, signed.
    @inlinable
    public mutating func writeInt64(_ value: Int64) {
        storage.append(addingCapacity: 8) {
            $0.append(bigEndian: UInt32(truncatingIfNeeded: value >> 32))
            $0.append(bigEndian: UInt32(truncatingIfNeeded: value))
        }
    }

    /// Appends one byte, 1 for true.
    @inlinable
    public mutating func writeBool(_ value: Bool) { storage.append(value ? 1 : 0) }

    /// Appends bytes as they are.
    @inlinable
    public mutating func writeBytes(_ value: some Sequence<UInt8>) {
        storage.append(contentsOf: value)
    }

    /// Forgets everything written and keeps the memory.
    @inlinable
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// Forgets the last bytes.
    ///
    /// - Parameter count: How many stay, at most those that there are.
    @inlinable
    public mutating func truncate(to count: Int) { storage.removeLast(storage.count - count) }

    /// Replaces the two bytes at `offset`, which were written before.
    public mutating func patchUInt16(_ value: UInt16, at offset: Int) {
        storage[offset] = UInt8(truncatingIfNeeded: value >> 8)
        storage[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Replaces the four bytes at `offset`, which were written before.
    public mutating func patchInt32(_ value: Int32, at offset: Int) {
        for index in 0..<4 {
            storage[offset + index] = UInt8(truncatingIfNeeded: value >> Int32(24 - 8 * index))
        }
    }
}

extension OutputSpan<UInt8> {
    @inlinable
    @_lifetime(self: copy self)
    mutating func append(bigEndian value: UInt16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func append(bigEndian value: UInt32) {
        append(bigEndian: UInt16(truncatingIfNeeded: value >> 16))
        append(bigEndian: UInt16(truncatingIfNeeded: value))
    }
}
