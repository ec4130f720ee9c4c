/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest provider name that is read, in bytes.
    ///
    /// Real names have 200 to 1,000 bytes (dubbo-registry sheet, section 16); 32 times that.
    static let nameBytesMax = 32 * 1_024
    /// Most parameters of one URL; real ones have about 30.
    static let parametersMax = 1_024
    /// Largest weight, warm-up and port number that is read: Java keeps them in an `int`.
    static let numberMax = Int(Int32.max)
    /// Values of `timestamp` below it are seconds, from it on milliseconds: 1e11 s is the year 5138, and
    /// 1e11 ms is March 1973.
    static let timestampMillisecondsMin: Int64 = 100_000_000_000
    /// Largest `timestamp` that is believed, in milliseconds: the last second of the year 9999.
    static let timestampMillisecondsMax: Int64 = 253_402_300_799_999
    /// Characters of an offender that are shown; the rest is cut.
    static let offenderCharactersMax = 120
    /// Longest label of a domain name in bytes (RFC 1035 section 2.3.4).
    static let labelBytesMax = 63
    /// Longest domain name as text without the final dot: 255 bytes on the wire, less the first length
    /// byte and the root's (RFC 1035 section 2.3.4).
    static let domainBytesMax = 253
}
