import DNSProtocol
import Runtime

/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Records in one chunk of a set; a change copies one chunk, 64 x 16 bytes of A records.
    static let chunkRecordsMax = 64
    /// Chunks of a set; with 64 records each a set has at most 4,194,304 records.
    static let chunksMax = 65_536
    /// Readers of one answer table: UDP workers, the TCP loop, tests.
    ///
    /// One bit each in a word.
    static let tableReadersMax = 64
    /// Slots of an empty table, a power of two.
    static let slotsMin = 1_024
    /// Slots moved to a new array by each new name.
    ///
    /// Growth starts at 3/8 and the array may fill to 1/2, so 1/8 of it are new names: 8 slots each
    /// would be enough.
    static let slotsMovedPerName = 16

    /// Bytes of a message's header (RFC 1035 section 4.1.1).
    static let headerBytes = DNSProtocol.Limits.headerBytes
    /// Bytes of a name's wire form (RFC 1035 section 2.3.4).
    static let nameBytesMax = DNSProtocol.Limits.nameBytesMax
    /// Bytes of a UDP answer without OPT (RFC 1035 section 4.2.1).
    static let plainDatagramBytesMax = DNSProtocol.Limits.plainDatagramBytesMax
    /// Bytes of a UDP answer with OPT: 1280 - 40 - 8, the smallest IPv6 MTU.
    static let datagramBytesMax = DNSProtocol.Limits.datagramBytesMax
    /// Bytes of an answer over TCP, whose length is 16 bits.
    static let messageBytesMax = DNSProtocol.Limits.messageBytesMax
    /// Bytes of OPT without options.
    static let optBytes = DNSProtocol.Limits.optBytes
    /// Highest offset that a compression pointer can name.
    static let pointerOffsetMax = DNSProtocol.Limits.pointerOffsetMax
    /// Option code of cookies (RFC 7873).
    static let cookieOption: UInt16 = 10
    /// Aliases followed for one question; gdnsd follows 16, but here they all stand in one zone file.
    static let aliasesMax = 8
    /// Records too large for an answer that are passed over to find one that fits.
    static let oversizedRecordsSkipped = 128
    /// Hosts of one answer whose addresses are added; what a 1,232-byte answer of 17 records can hold.
    static let additionalHostsMax = 16

    /// Datagrams taken and sent with one call; 32 to 64 are equal within noise.
    static let datagramsPerBatch = 64
    /// UDP workers; with the TCP loop and tests they stay below `tableReadersMax`.
    static let workersMax = 32
    /// Ports tried until one is free for UDP and TCP alike.
    static let portAttemptsMax = 16
    /// New TCP connections taken in one turn of the loop; the rest come with the next one.
    static let acceptsPerTurn = 32
    /// Buffers of a TCP connection in bytes: the longest question, and the longest answer with its
    /// length twice, so that the next one is written while the last is being taken.
    static let streamBuffers = StreamLimits(
        inboundBytesMax: 2 + messageBytesMax,
        outboundBytesMax: 2 * (2 + messageBytesMax)
    )
    /// Pause between looks for idle connections; one is closed at most this much late.
    static let streamSweepInterval = Duration.seconds(1)
}
