import DNSProtocol
import Synchronization

/// The answer being written behind the question, in the buffer in which the question came.
///
/// Records are whole or not there. `limit` leaves room for OPT, which is written last. All writing
/// checks the limit, which the engine checked against the buffer.
@safe struct Reply {
    // SAFETY: the engine was given a buffer of at least `limit` plus OPT bytes and uses the reply
    // only inside that call; every write below is guarded by `limit`.
    let packet: UnsafeMutableRawPointer
    /// First byte that records may not use.
    let limit: Int
    /// Bytes written so far.
    private(set) var position: Int
    private(set) var answers: UInt16 = 0
    private(set) var authorities: UInt16 = 0
    private(set) var additionals: UInt16 = 0
    var rcode = RCODE.noError
    var isAuthoritative = false
    var isTruncated = false
    var extendedError: ExtendedError?

    /// The sections that a record may stand in.
    enum Section {
        case answer, authority, additional
    }

    init(_ packet: UnsafeMutableRawPointer, from position: Int, limit: Int) {
        unsafe self.packet = packet
        (self.position, self.limit) = (position, limit)
    }

    /// Bytes left for records.
    @inline(__always)
    var room: Int { limit &- position }

    /// Gives up all records.
    mutating func clearRecords(from start: Int) {
        position = start
        (answers, authorities, additionals) = (0, 0, 0)
    }

    /// Copies records of a set in turn, as many as fit.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - start: The first record to be copied, below the set's count.
    ///   - section: Where they are counted.
    /// - Returns: The number of records copied.
    @inline(__always)
    mutating func copy(_ set: PublishedSet, from start: Int, into section: Section) -> Int {
        var (next, left) = (start, set.count)
        while left > 0 {
            let chunk = set.chunk(at: next / Limits.chunkRecordsMax)
            let first = next % Limits.chunkRecordsMax
            let wanted = min(chunk.count &- first, left)
            let run = copy(chunk, from: first, count: wanted)
            left &-= run
            if run < wanted { break }
            next &+= run
            if next == set.count { next = 0 }
        }
        let copied = set.count &- left
        count(copied, in: section)
        return copied
    }

    /// Copies neighbours within a chunk, as many as fit.
    @inline(__always)
    private mutating func copy(_ chunk: RecordChunk, from first: Int, count: Int) -> Int {
        let start = chunk.start(of: first)
        var run = count
        while run > 0, chunk.start(of: first &+ run) &- start > room { run &-= 1 }
        let bytes = chunk.start(of: first &+ run) &- start
        // SAFETY: the loop left `bytes` at most `room`.
        unsafe (packet + position).copyMemory(from: chunk.records + start, byteCount: bytes)
        position &+= bytes
        return run
    }

    /// Copies the first record from `start` on that fits, looking at no more than a few.
    mutating func copyAnyOne(_ set: PublishedSet, from start: Int) -> Bool {
        for step in 0..<min(set.count, Limits.oversizedRecordsSkipped) {
            let index = (start + step) % set.count
            let chunk = set.chunk(at: index / Limits.chunkRecordsMax)
            if copy(chunk, from: index % Limits.chunkRecordsMax, count: 1) == 1 {
                count(1, in: .answer)
                return true
            }
        }
        return false
    }

    /// Copies a set only if it fits as a whole.
    mutating func copyWhole(_ set: PublishedSet, into section: Section) -> Bool {
        guard set.bytes <= room else { return false }
        return copy(set, from: 0, into: section) == set.count
    }

    /// Gives the records from byte `start` on another owner, and TTLs of at most `cap`.
    mutating func patch(from start: Int, owner: Int, cap: UInt32?) {
        var record = start
        while record < position {
            unsafe packet.set(record, (0xc000 | UInt16(owner)).bigEndian)
            if let cap {
                let ttl = unsafe UInt32(bigEndian: packet.get(record + RecordChunk.ttlAt))
                unsafe packet.set(record + RecordChunk.ttlAt, min(ttl, cap).bigEndian)
            }
            record = nextRecord(record)
        }
    }

    /// Where the record behind the one at `record` starts.
    @inline(__always)
    func nextRecord(_ record: Int) -> Int {
        record + RecordChunk.recordHeadBytes
            + Int(unsafe UInt16(bigEndian: packet.get(record + RecordChunk.recordHeadBytes - 2)))
    }

    @inline(__always)
    private mutating func count(_ records: Int, in section: Section) {
        let records = UInt16(truncatingIfNeeded: records)
        switch section {
        case .answer: answers &+= records
        case .authority: authorities &+= records
        case .additional: additionals &+= records
        }
    }

    /// Writes OPT, if the question had one, and the header.
    ///
    /// - Parameters:
    ///   - query: The question.
    ///   - hasQuestion: The question stands in the answer.
    ///   - capacity: Most bytes of the whole message.
    /// - Returns: Bytes of the message.
    mutating func finish(_ query: ParsedQuery, hasQuestion: Bool, capacity: Int) -> Int {
        if query.hasOPT { writeOPT(wantsDNSSEC: query.wantsDNSSEC, capacity: capacity) }
        var flags = 0x8000 | query.flags & 0x7900 | rcode.rawValue & 0xf
        if isAuthoritative { flags |= 0x0400 }
        if isTruncated { flags |= 0x0200 }
        unsafe packet.set(2, flags.bigEndian)
        unsafe packet.set(4, UInt16(hasQuestion ? 1 : 0).bigEndian)
        unsafe packet.set(6, answers.bigEndian)
        unsafe packet.set(8, authorities.bigEndian)
        unsafe packet.set(10, (additionals &+ (query.hasOPT ? 1 : 0)).bigEndian)
        return position
    }

    /// `00 0029 04D0 | extended rcode | 00 | DO | length | 000F 0002 code` (RFC 6891, RFC 8914).
    private mutating func writeOPT(wantsDNSSEC: Bool, capacity: Int) {
        let error = extendedError
        let hasError = error != nil && position + Limits.optBytes + 6 <= capacity
        unsafe packet.set(position, UInt8(0))
        unsafe packet.set(position + 1, RRType.opt.rawValue.bigEndian)
        unsafe packet.set(position + 3, UInt16(Limits.datagramBytesMax).bigEndian)
        unsafe packet.set(position + 5, UInt8(truncatingIfNeeded: rcode.rawValue >> 4))
        unsafe packet.set(position + 6, UInt8(0))
        unsafe packet.set(position + 7, UInt16(wantsDNSSEC ? 0x8000 : 0).bigEndian)
        unsafe packet.set(position + 9, UInt16(hasError ? 6 : 0).bigEndian)
        position += Limits.optBytes
        guard hasError, let error else { return }
        unsafe packet.set(position, ExtendedError.optionCode.bigEndian)
        unsafe packet.set(position + 2, UInt16(2).bigEndian)
        unsafe packet.set(position + 4, error.rawValue.bigEndian)
        position += 6
    }
}
