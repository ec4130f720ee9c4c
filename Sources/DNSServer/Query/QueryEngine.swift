import DNSProtocol
import Synchronization

/// Turns a packet into its answer, in the same buffer, from the table alone.
///
/// Step of the data flow: what stands between a socket and the answer table. No socket, clock or
/// randomness; a worker, a TCP loop, a fuzzer or a benchmark each own one. Order of checks: header,
/// question, OPT, version, class, type that is no type, zone, mode of the zone, name, set.
///
/// HOT: 0.1 us a question with 1,000 names, 0.3 to 0.7 us with 100,000, where cache misses rule; no
/// allocation, no retain, no lock.
public struct QueryEngine: ~Copyable {
    /// How a question came, which bounds its answer.
    public enum Transport: Sendable {
        /// At most 512 bytes, or what OPT says up to 1,232.
        case datagram
        /// At most 65,535 bytes.
        case stream
    }

    private let reader: TableReader
    /// What this engine did, for others to read.
    public let counters: QueryCounters
    /// The name being looked up, and that of an additional record.
    private var name = FoldedName()
    private var target = FoldedName()

    /// An engine of its own for one thread; nil when 64 use the table already.
    public init?(_ table: AnswerTable, counters: QueryCounters = QueryCounters()) {
        guard let reader = TableReader(table) else { return nil }
        self.reader = reader
        self.counters = counters
    }

    /// Answers one packet in its own buffer.
    ///
    /// - Parameters:
    ///   - buffer: The packet, and room for the answer behind it.
    ///   - count: Bytes of the packet.
    ///   - transport: How it came.
    /// - Returns: Bytes of the answer, which replaced the packet; 0 for no answer.
    public mutating func answer(
        _ buffer: inout [UInt8],
        count: Int,
        transport: Transport
    ) -> Int {
        precondition(count <= buffer.count, "\(count) bytes of a buffer of \(buffer.count)")
        begin()
        defer { end() }
        return unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let packet = bytes.baseAddress else { return 0 }
            return unsafe answer(packet, count: count, capacity: bytes.count, transport: transport)
        }
    }

    /// Answers a message that stands behind two bytes of length, and sets them to the answer's length.
    ///
    /// - Parameters:
    ///   - frame: Room for the length and 65,535 bytes.
    ///   - count: Bytes of the message without the length.
    /// - Returns: Bytes of the answer without the length; 0 for no answer.
    mutating func answer(framed frame: inout [UInt8], count: Int) -> Int {
        precondition(count + 2 <= frame.count, "\(count) bytes in a frame of \(frame.count)")
        let length = unsafe frame.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            let capacity = bytes.count - 2
            return unsafe answer(start + 2, count: count, capacity: capacity, transport: .stream)
        }
        frame[0] = UInt8(truncatingIfNeeded: length >> 8)
        frame[1] = UInt8(truncatingIfNeeded: length)
        return length
    }

    /// Before the first packet of a batch: what the table shows stays until `end`.
    @inline(__always)
    func begin() { reader.begin() }

    /// After the last packet of a batch.
    @inline(__always)
    func end() { reader.end() }

    // SAFETY: `packet` has `capacity` bytes and nobody else looks at them during the call. The
    // packet is read through a span; writing starts behind the question and is bounded by `Reply`.
    mutating func answer(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        capacity: Int,
        transport: Transport
    ) -> Int {
        let bytes = unsafe UnsafeRawBufferPointer(start: packet, count: count)
        let query = unsafe ParsedQuery(bytes.bindMemory(to: UInt8.self).span)
        counters.add(.received)
        if query.verdict == .drop {
            counters.add(.dropped)
            return 0
        }
        let room = min(capacity, Self.bound(query, transport))
        let reserved = query.hasOPT ? Limits.optBytes : 0
        guard query.end + reserved <= room else {
            counters.add(.dropped)
            return 0
        }
        var reply = unsafe Reply(packet, from: query.end, limit: room - reserved)
        switch query.verdict {
        case .drop: return 0
        case .headerOnly(let rcode), .refuse(let rcode): reply.rcode = rcode
        case .lookUp: lookUp(query, transport, &reply)
        }
        counters.add(reply.rcode)
        if reply.isTruncated { counters.add(.truncated) }
        return reply.finish(query, hasQuestion: query.nameBytes != 0, capacity: room)
    }

    /// Most bytes of the answer.
    @inline(__always)
    private static func bound(_ query: ParsedQuery, _ transport: Transport) -> Int {
        switch transport {
        case .stream: Limits.messageBytesMax
        case .datagram where query.hasOPT:
            max(Limits.plainDatagramBytesMax, min(Int(query.size), Limits.datagramBytesMax))
        case .datagram: Limits.plainDatagramBytesMax
        }
    }

    // MARK: The question

    private mutating func lookUp(
        _ query: ParsedQuery,
        _ transport: Transport,
        _ reply: inout Reply
    ) {
        guard query.rrClass == .internet || query.rrClass == .any else {
            (reply.rcode, reply.extendedError) = (.refused, .notSupported)
            return
        }
        if query.type == .axfr || query.type == .ixfr {
            let isUnknown = query.type == .axfr && transport == .datagram
            reply.rcode = isUnknown ? .notImp : .refused
            return
        }
        // SAFETY: the parser checked that the name is whole and has at most 255 bytes.
        unsafe name.fold(reply.packet + Limits.headerBytes, count: query.nameBytes)
        guard let place = find() else {
            (reply.rcode, reply.extendedError) = (.refused, .notAuthoritative)
            return
        }
        reply.isAuthoritative = query.rrClass == .internet
        answer(query.type, at: place, &reply)
    }

    /// Where a name stands: its answers if it exists, and its zone.
    private struct Place {
        let entry: NameEntry
        /// Nil when the name does not exist; then `entry` is of some name above it.
        let answer: NameAnswer?
        let zone: ZoneBlock
        let isOrigin: Bool
    }

    /// Finds the name in `name`; nil when it is in none of our zones.
    @inline(__always)
    private func find() -> Place? {
        Self.find(name, in: reader.table)
    }

    @inline(__always)
    private static func find(_ name: borrowing FoldedName, in table: AnswerTable) -> Place? {
        let slots = table.slots
        var start = 0
        while true {
            let hash = name.hash(from: start, seed: table.seed)
            // SAFETY: the name has `count` bytes and zeros behind them, and `start` is below `count`.
            let entry = unsafe slots.find(hash, name.base + start, count: name.count &- start)
            if let entry {
                let cell = unsafe entry.zoneWord.pointee.load(ordering: .acquiring)
                guard let zone = ZoneBlock(cell: cell) else { return nil }
                return Place(
                    entry: entry,
                    answer: start == 0 ? entry.answer : nil,
                    zone: zone,
                    isOrigin: start == 0 && zone.originBytes == name.count
                )
            }
            guard name.byte(start) != 0 else { return nil }
            start &+= 1 &+ Int(name.byte(start))
            // Rdata that names a host may be no whole name.
            guard start < name.count else { return nil }
        }
    }

    /// Fills the reply for a name in one of our zones, following aliases inside them.
    private mutating func answer(_ type: RRType, at place: Place, _ reply: inout Reply) {
        var (place, owner) = (place, Limits.headerBytes)
        let start = reply.position
        var seen = InlineArray<8, UInt>(repeating: 0)
        for step in 0..<min(Limits.aliasesMax, seen.count) {
            guard isServed(place, type, &reply) else {
                reply.clearRecords(from: start)
                return
            }
            guard let answer = place.answer else {
                reply.rcode = .nxDomain
                deny(place, owner, &reply)
                return
            }
            if let set = Self.set(of: type, answer, place) {
                write(set, type: set.type, of: place, owner, &reply)
                return
            }
            guard type != .any, let alias = answer.set(of: .cname) else {
                deny(place, owner, &reply)
                return
            }
            let record = reply.position
            write(alias, type: .cname, of: place, owner, &reply)
            guard !reply.isTruncated, let next = follow(record, reply) else { return }
            seen[step] = unsafe place.entry.base.address
            let target = unsafe next.answer == nil ? 0 : next.entry.base.address
            // A circle ends where it closes: no record stands in an answer twice.
            for earlier in 0...step where target != 0 && seen[earlier] == target { return }
            (place, owner) = (next, record + RecordChunk.recordHeadBytes)
        }
    }

    /// The place of the name that the alias at `record` stands for; nil outside our zones.
    private mutating func follow(_ record: Int, _ reply: Reply) -> Place? {
        let from = record + RecordChunk.recordHeadBytes
        // SAFETY: the record was just written, whole; the rdata of an alias is one name.
        unsafe name.fold(reply.packet + from, count: min(reply.nextRecord(record) - from, 255))
        return find()
    }

    /// False, with SERVFAIL, when nothing is known about a registered name.
    @inline(__always)
    private func isServed(_ place: Place, _ type: RRType, _ reply: inout Reply) -> Bool {
        let mode = place.zone.mode
        guard mode != .live, !Self.isFixed(place, type) else { return true }
        switch mode {
        case .live: return true
        case .stale:
            reply.extendedError = place.answer == nil ? .staleNXDOMAIN : .staleAnswer
            return true
        case .notReady: reply.extendedError = .notReady
        case .expired: reply.extendedError = .noReachableAuthority
        }
        (reply.rcode, reply.isAuthoritative) = (.servFail, false)
        return false
    }

    /// The answer does not depend on the registry.
    private static func isFixed(_ place: Place, _ type: RRType) -> Bool {
        if place.answer?.isFixed == true { return true }
        return place.isOrigin && place.zone.apex.set(of: type) != nil
    }

    @inline(__always)
    private static func set(of type: RRType, _ answer: NameAnswer, _ place: Place) -> PublishedSet?
    {
        if type == .any {
            if place.isOrigin { return place.zone.apex.set(at: 0) }
            return answer.setCount > 0 ? answer.set(at: 0) : nil
        }
        if let set = answer.set(of: type) { return set }
        return place.isOrigin ? place.zone.apex.set(of: type) : nil
    }

    // MARK: Records

    /// Writes as much of a set as fits, starting with another record each time.
    @inline(__always)
    private mutating func write(
        _ set: PublishedSet,
        type: RRType,
        of place: Place,
        _ owner: Int,
        _ reply: inout Reply
    ) {
        let start = reply.position
        let cursor = unsafe place.entry.cursor(of: type.rawValue)
        let isWhole = set.bytes <= reply.room
        if isWhole {
            let turn =
                set.count == 1
                ? 0 : unsafe cursor.pointee.wrappingAdd(1, ordering: .relaxed).oldValue
            _ = reply.copy(set, from: Int(turn) % set.count, into: .answer)
        } else {
            let turn = unsafe Int(cursor.pointee.load(ordering: .relaxed)) % set.count
            var copied = reply.copy(set, from: turn, into: .answer)
            if copied == 0, reply.copyAnyOne(set, from: turn) { copied = 1 }
            let step = UInt32(Self.step(copied, of: set.count))
            unsafe cursor.pointee.wrappingAdd(step, ordering: .relaxed)
            reply.isTruncated = true
        }
        let cap = Self.cap(place, type)
        if cap != nil || owner != Limits.headerBytes {
            reply.patch(from: start, owner: owner, cap: cap)
        }
        guard isWhole, let offset = Self.targetOffset(in: type) else { return }
        writeAddresses(from: start, offset, &reply)
    }

    /// How far the next answer starts: at most `copied`, and such that every record gets its turn.
    private static func step(_ copied: Int, of count: Int) -> Int {
        var step = max(1, copied)
        while step > 1, greatestCommonDivisor(step, count) != 1 { step -= 1 }
        return step
    }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    @inline(__always)
    private static func cap(_ place: Place, _ type: RRType) -> UInt32? {
        guard place.zone.mode == .stale, !isFixed(place, type) else { return nil }
        return place.zone.staleTTL
    }

    /// Writes the zone's SOA into the authority section, under the name at `owner`.
    private func deny(_ place: Place, _ owner: Int, _ reply: inout Reply) {
        guard let soa = place.zone.apex.set(of: .soa) else { return }
        let start = reply.position
        guard reply.copyWhole(soa, into: .authority) else {
            reply.isTruncated = true
            return
        }
        let origin = owner + name.count - place.zone.originBytes
        var ttl = place.zone.negativeTTL
        if place.zone.mode == .stale { ttl = min(ttl, place.zone.staleTTL) }
        reply.patch(from: start, owner: origin, cap: ttl)
    }

    /// Where in the rdata of that type a host's name stands.
    private static func targetOffset(in type: RRType) -> Int? {
        switch type {
        case .srv: 6
        case .mx: 2
        case .ns: 0
        default: nil
        }
    }

    /// Adds the addresses of the hosts named by the records from byte `start` on, while they fit.
    private mutating func writeAddresses(from start: Int, _ offset: Int, _ reply: inout Reply) {
        var record = start
        let end = reply.position
        var seen = InlineArray<16, UInt>(repeating: 0)
        for index in 0..<Limits.additionalHostsMax where record < end {
            let from = record + RecordChunk.recordHeadBytes + offset
            let next = reply.nextRecord(record)
            guard from < next, from <= Limits.pointerOffsetMax, next - from <= Limits.nameBytesMax
            else {
                return
            }
            // SAFETY: the record was just written, whole, and its rdata ends with one name.
            unsafe target.fold(reply.packet + from, count: next - from)
            record = next
            guard let place = Self.find(target, in: reader.table), let answer = place.answer,
                answer.isFixed || place.zone.mode == .live || place.zone.mode == .stale
            else { continue }
            let entry = unsafe place.entry.base.address
            var isKnown = false
            for earlier in 0..<index where seen[earlier] == entry { isKnown = true }
            seen[index] = entry
            if isKnown { continue }
            writeAddresses(answer, place, owner: from, &reply)
        }
    }

    private func writeAddresses(
        _ answer: NameAnswer,
        _ place: Place,
        owner: Int,
        _ reply: inout Reply
    ) {
        for index in 0..<answer.setCount {
            let set = answer.set(at: index)
            guard set.type == .a || set.type == .aaaa else { continue }
            let start = reply.position
            guard reply.copyWhole(set, into: .additional) else { continue }
            reply.patch(from: start, owner: owner, cap: Self.cap(place, set.type))
        }
    }
}
