internal import CLinux

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4) of stored bytes.
///
/// HOT: 300 bytes in 30 ns where the processor has the instruction, no allocation.
struct Checksum {
    /// Of everything so far.
    private(set) var value: UInt32

    /// - Parameter seed: The checksum of what came before, or any number that has to match.
    init(seed: UInt32 = 0) { value = seed }

    mutating func add(_ bytes: Span<UInt8>) {
        // SAFETY: the shim reads as many bytes as the span has, during the call only.
        unsafe bytes.withUnsafeBufferPointer {
            unsafe value = muster_crc32c(value, $0.baseAddress, $0.count)
        }
    }

    /// The same without the processor's instruction, for tests to compare with.
    static func plain(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        // SAFETY: as above.
        unsafe bytes.withUnsafeBufferPointer {
            unsafe muster_crc32c_plain(seed, $0.baseAddress, $0.count)
        }
    }
}

extension Span<UInt8> {
    /// How many zeros stand at the start.
    var zerosAtStart: Int {
        // SAFETY: the shim reads as many bytes as the span has, during the call only.
        unsafe withUnsafeBufferPointer { unsafe Int(muster_zeros($0.baseAddress, $0.count)) }
    }
}
