/// How a segment of the log looks, byte by byte; numbers are big-endian.
///
/// ```
/// segment   "MUSTERLG"  format u32  number u32  bytes of the file i64  crc u32  zeros u32   records...  zeros
/// record    crc u32  length u32  zxid i64  batch u32  kind u8  isLast u8  reserved u16   payload   padding to 8
/// ```
/// The checksum of a record is CRC-32C of what follows it in the header, then the payload, begun with the segment's
/// number, so that a record is valid in its own segment only. `batch` counts what was synced at once; `isLast`
/// marks the last record of a batch. A batch is written only after the one before is synced, so what a crash
/// can tear is the last one: a valid record behind a torn one, from a later batch, means damage.
enum LogFormat {
    /// What every segment starts with.
    static let magic: [UInt8] = Array("MUSTERLG".utf8)
    /// The one that this program writes; it reads no other.
    static let version: UInt32 = 1
    /// Magic 8, format 4, number 4, bytes 8, checksum 4, padding 4.
    static let segmentHeaderBytes = 32
    /// What its checksum is of: all before it.
    static let checkedHeaderBytes = 24
    /// Checksum 4, length 4, zxid 8, batch 4, kind 1, isLast 1, reserved 2.
    static let recordHeaderBytes = 24
    /// Of a segment's first record: number 4 and length 8 of the segment before.
    static let startPayloadBytes = 12
    /// What that record takes: 24 + 12, rounded up.
    static let roomForStart = 40
    /// Where in a header the kind stands, which is 0 in no record.
    static let kindOffset = 20
    /// Every record starts at a multiple of it.
    static let alignment = 8

    /// What a record is.
    enum Kind: UInt8 {
        /// A change of the tree.
        case change = 1
        /// The first record of a segment: where the log ended before it.
        case start = 2
        /// The log was closed in order; everything before it was synced.
        case end = 3
    }
}
