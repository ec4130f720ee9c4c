/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), a table of one byte's steps.
///
/// Some 400 MB a second, once every few seconds on a thread that blocks: no need of the processor's own.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in
            sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1
        }
    }

    /// The checksum of bytes.
    static func of(_ bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var sum = UInt32.max
        for index in bytes.indices {
            sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[index])] ^ sum >> 8
        }
        return ~sum
    }
}
