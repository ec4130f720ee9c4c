/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest file: 1,000,000 records of 64 bytes, which load in under a second.
    static let fileBytesMax = 64 << 20
    /// Most records in one file, for the same reason.
    static let recordsMax = 1_000_000
    /// Longest record in text: 65,535 bytes of rdata (RFC 1035 section 3.2.1), each written as the four
    /// characters of `\DDD`, and 1,024 for owner, TTL, class and type.
    static let recordTextBytesMax = 65_535 * 4 + 1_024
    /// Longest set in an answer over TCP, without the question's name.
    ///
    /// 65,535 less the header (12), the type and class of the question (4) and a plain OPT record (11).
    static let answerBytesMax = 65_535 - 12 - 4 - 11
    /// What a record takes besides its rdata: name pointer 2, type 2, class 2, TTL 4, length 2.
    static let recordHeaderBytes = 12
    /// Largest TTL (RFC 2181 section 8): 2^31 - 1 seconds.
    static let ttlSecondsMax: UInt32 = 0x7fff_ffff
    /// TTL of a record that has none, where no `$TTL` stands before it: one hour, as libldns has it.
    static let ttlSecondsDefault: UInt32 = 3_600
    /// Bytes of a record that an error repeats: what fits a line of 80 beside the message.
    static let quotedBytesMax = 80
    /// Number of the type DNAME (RFC 6672), which is refused.
    static let dnameType: UInt16 = 39
    /// Bytes read from a file at once.
    static let readBytes = 1 << 16
}
