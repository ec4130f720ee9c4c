import DNSProtocol

/// What a received packet asks, after every check that needs no look-up.
///
/// Step of the data flow: the first one of a question. Nothing here refers to the packet any more
/// except offsets that were checked against its length, so that the answer may overwrite all but the
/// header and the question.
///
/// HOT: no allocation; its time is part of `QueryEngine`'s.
struct ParsedQuery {
    /// What to do with the packet.
    enum Verdict: Equatable {
        /// No answer at all.
        case drop
        /// A header with that code and no question.
        case headerOnly(RCODE)
        /// The question with that code and no look-up.
        case refuse(RCODE)
        /// Look the question up.
        case lookUp
    }

    private(set) var verdict = Verdict.drop
    /// Flags of the header, as received.
    private(set) var flags: UInt16 = 0
    /// Bytes of the question's name, root byte included; 0 while it is not known to be right.
    private(set) var nameBytes = 0
    private(set) var type = RRType(rawValue: 0)
    private(set) var rrClass = RRClass(rawValue: 0)
    /// The packet had one OPT record.
    private(set) var hasOPT = false
    /// Largest datagram that the asker takes.
    private(set) var size: UInt16 = 0
    private(set) var version: UInt8 = 0
    private(set) var wantsDNSSEC = false

    /// Where the question ends, or the header when there is no question.
    var end: Int { nameBytes == 0 ? Limits.headerBytes : Limits.headerBytes + nameBytes + 4 }

    /// Checks a packet, cheapest things first.
    @inline(__always)
    init(_ packet: Span<UInt8>) {
        guard packet.count >= Limits.headerBytes, packet[2] & 0x80 == 0 else { return }
        flags = Self.read(packet, 2)
        guard flags & 0x7800 == 0 else {
            verdict = .headerOnly(.notImp)
            return
        }
        guard Self.read(packet, 4) == 1 else {
            verdict = .headerOnly(.formErr)
            if Self.read(packet, 4) == 0 {
                _ = readRecords(packet, from: Limits.headerBytes, skipping: 0)
            }
            return
        }
        guard readQuestion(packet) else {
            verdict = .headerOnly(.formErr)
            return
        }
        // Only IXFR has a record there: the SOA that the asker knows (RFC 1995 section 3).
        let authorities = Int(Self.read(packet, 8))
        guard Self.read(packet, 6) == 0, authorities == 0 || type == .ixfr && authorities == 1,
            readRecords(packet, from: end, skipping: authorities)
        else {
            verdict = .refuse(.formErr)
            return
        }
        verdict = hasOPT && version != 0 ? .refuse(.badVers) : .lookUp
    }

    /// One name without pointers, type and class.
    @inline(__always)
    private mutating func readQuestion(_ packet: Span<UInt8>) -> Bool {
        var position = Limits.headerBytes
        while true {
            guard position < packet.count else { return false }
            let length = Int(packet[position])
            guard length <= 63 else { return false }
            position &+= 1 &+ length
            if length == 0 { break }
        }
        let bytes = position &- Limits.headerBytes
        guard bytes <= Limits.nameBytesMax, position &+ 4 <= packet.count else { return false }
        nameBytes = bytes
        type = RRType(rawValue: Self.read(packet, position))
        rrClass = RRClass(rawValue: Self.read(packet, position &+ 2))
        return true
    }

    /// Steps over the records behind the question, and takes OPT out of the additional ones.
    @inline(__always)
    private mutating func readRecords(
        _ packet: Span<UInt8>,
        from start: Int,
        skipping authorities: Int
    ) -> Bool {
        var position = start
        let additionals = Int(Self.read(packet, 10))
        for index in 0..<authorities &+ additionals {
            let owner = position
            guard let head = Self.skipName(packet, position), head &+ 10 <= packet.count else {
                return false
            }
            let rdata = head &+ 10
            position = rdata &+ Int(Self.read(packet, head &+ 8))
            guard position <= packet.count else { return false }
            guard index >= authorities, Self.read(packet, head) == RRType.opt.rawValue else {
                continue
            }
            guard packet[owner] == 0, !hasOPT else { return false }
            guard Self.areOptionsValid(packet, from: rdata, to: position) else { return false }
            hasOPT = true
            size = Self.read(packet, head &+ 2)
            version = packet[head &+ 5]
            wantsDNSSEC = packet[head &+ 6] & 0x80 != 0
        }
        return true
    }

    /// Where the name that starts at `start` ends; pointers are stepped over, not followed.
    @inline(__always)
    private static func skipName(_ packet: Span<UInt8>, _ start: Int) -> Int? {
        var position = start
        while position < packet.count {
            let length = Int(packet[position])
            if length == 0 { return position &+ 1 }
            if length >= 0xc0 { return position &+ 2 }
            guard length <= 63 else { return nil }
            position &+= 1 &+ length
        }
        return nil
    }

    /// All options end inside the record, and a cookie has a length that RFC 7873 allows.
    @inline(__always)
    private static func areOptionsValid(
        _ packet: Span<UInt8>,
        from start: Int,
        to end: Int
    ) -> Bool {
        var position = start
        while position < end {
            guard position &+ 4 <= end else { return false }
            let (code, length) = (read(packet, position), Int(read(packet, position &+ 2)))
            position &+= 4 &+ length
            guard position <= end else { return false }
            if code == Limits.cookieOption, length != 8, !(16...40).contains(length) {
                return false
            }
        }
        return true
    }

    @inline(__always)
    private static func read(_ packet: Span<UInt8>, _ offset: Int) -> UInt16 {
        UInt16(packet[offset]) << 8 | UInt16(packet[offset &+ 1])
    }
}
