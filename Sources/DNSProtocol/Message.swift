import Wire

/// A whole DNS message as a value, for clients, tools and tests (RFC 1035 section 4.1).
///
/// The server's query path never makes one. OPT is taken out of the additional records into `edns`,
/// and its extended bits into `rcode`. Encoding writes all names in full.
public struct Message: Equatable, Sendable {
    /// The number that ties an answer to its question.
    public var id: UInt16
    /// True for an answer (QR).
    public var isResponse = false
    /// What is asked for.
    public var opcode = Opcode.query
    /// The answer is from the zone itself (AA).
    public var isAuthoritative = false
    /// Records were left out for size (TC).
    public var isTruncated = false
    /// The asker wants recursion (RD).
    public var recursionDesired = false
    /// The server offers recursion (RA).
    public var recursionAvailable = false
    /// The answer was validated (AD).
    public var authenticData = false
    /// The asker validates by itself (CD).
    public var checkingDisabled = false
    /// How it went, the extended bits included.
    public var rcode = RCODE.noError
    /// The questions, normally one.
    public var questions: [Question]
    /// The records that answer.
    public var answers: [ResourceRecord] = []
    /// The records about the zone.
    public var authorities: [ResourceRecord] = []
    /// The records that save a further question, without OPT.
    public var additionals: [ResourceRecord] = []
    /// What OPT said; nil without OPT.
    public var edns: EDNS?

    /// A query with one question.
    public init(id: UInt16, question: Question, edns: EDNS? = EDNS()) {
        (self.id, questions, self.edns) = (id, [question], edns)
    }

    /// Reads a message; bytes behind its last record are ignored.
    ///
    /// - Throws: `DNSError` with the offset of the first bad byte.
    public init(_ bytes: [UInt8]) throws(DNSError) {
        let message = bytes.span
        var reader = ByteReader(message)
        let (flags, counts): (UInt16, [Int])
        do {
            id = try reader.readUInt16()
            flags = try reader.readUInt16()
            counts = [
                Int(try reader.readUInt16()), Int(try reader.readUInt16()),
                Int(try reader.readUInt16()), Int(try reader.readUInt16()),
            ]
        } catch { throw DNSError(error) }
        questions = []
        readFlags(flags)
        for _ in 0..<counts[0] {
            questions.append(try Self.readQuestion(&reader, message))
        }
        for _ in 0..<counts[1] { answers.append(try Self.readRecord(&reader, message)) }
        for _ in 0..<counts[2] { authorities.append(try Self.readRecord(&reader, message)) }
        for _ in 0..<counts[3] {
            let record = try Self.readRecord(&reader, message)
            guard record.type == .opt else {
                additionals.append(record)
                continue
            }
            guard edns == nil else { throw DNSError(.badOption, at: reader.offset) }
            try take(opt: record)
        }
    }

    private mutating func readFlags(_ flags: UInt16) {
        isResponse = flags & 0x8000 != 0
        opcode = Opcode(rawValue: UInt8(flags >> 11 & 0xf))
        isAuthoritative = flags & 0x0400 != 0
        isTruncated = flags & 0x0200 != 0
        recursionDesired = flags & 0x0100 != 0
        recursionAvailable = flags & 0x0080 != 0
        authenticData = flags & 0x0020 != 0
        checkingDisabled = flags & 0x0010 != 0
        rcode = RCODE(rawValue: flags & 0xf)
    }

    private mutating func take(opt record: ResourceRecord) throws(DNSError) {
        edns = EDNS(
            size: record.rrClass.rawValue,
            version: UInt8(record.ttl >> 16 & 0xff),
            wantsDNSSEC: record.ttl & 0x8000 != 0,
            options: try EDNS.options(from: record.rdata)
        )
        rcode = RCODE(rawValue: UInt16(record.ttl >> 24) << 4 | rcode.rawValue)
    }

    private static func readQuestion(
        _ reader: inout ByteReader,
        _ message: Span<UInt8>
    ) throws(DNSError) -> Question {
        let name = try DNSName(from: &reader, in: message)
        do {
            let type = RRType(rawValue: try reader.readUInt16())
            return Question(name, type, rrClass: RRClass(rawValue: try reader.readUInt16()))
        } catch { throw DNSError(error) }
    }

    private static func readRecord(
        _ reader: inout ByteReader,
        _ message: Span<UInt8>
    ) throws(DNSError) -> ResourceRecord {
        let name = try DNSName(from: &reader, in: message)
        let (type, rrClass, ttl, length): (RRType, RRClass, UInt32, Int)
        do {
            type = RRType(rawValue: try reader.readUInt16())
            rrClass = RRClass(rawValue: try reader.readUInt16())
            ttl = try reader.readUInt32()
            length = Int(try reader.readUInt16())
        } catch { throw DNSError(error) }
        let rdata = try Rdata.read(type, length: length, from: &reader, in: message)
        return ResourceRecord(name, type, rrClass: rrClass, ttl: ttl, rdata: rdata)
    }

    /// The wire form, OPT last.
    ///
    /// - Returns: The message, without the length that goes before it over TCP.
    /// - Throws: `DNSError` (`tooLong`) when it has more than 65,535 bytes.
    public func encoded() throws(DNSError) -> [UInt8] {
        var writer = ByteWriter(capacity: Limits.plainDatagramBytesMax)
        writer.writeUInt16(id)
        writer.writeUInt16(flags)
        let opt: [ResourceRecord] = edns.map { [self.opt(for: $0)] } ?? []
        for count in [
            questions.count, answers.count, authorities.count, additionals.count + opt.count,
        ] {
            guard let count = UInt16(exactly: count) else { throw DNSError(.tooLong) }
            writer.writeUInt16(count)
        }
        for question in questions {
            writer.writeBytes(question.name.wire)
            writer.writeUInt16(question.type.rawValue)
            writer.writeUInt16(question.rrClass.rawValue)
        }
        for record in answers + authorities + additionals + opt {
            guard record.rdata.count <= Int(UInt16.max) else { throw DNSError(.tooLong) }
            writer.writeBytes(record.name.wire)
            writer.writeUInt16(record.type.rawValue)
            writer.writeUInt16(record.rrClass.rawValue)
            writer.writeUInt32(record.ttl)
            writer.writeUInt16(UInt16(record.rdata.count))
            writer.writeBytes(record.rdata)
        }
        guard writer.count <= Limits.messageBytesMax else { throw DNSError(.tooLong) }
        return writer.bytes
    }

    private var flags: UInt16 {
        let bits: [(Bool, UInt16)] = [
            (isResponse, 0x8000), (isAuthoritative, 0x0400), (isTruncated, 0x0200),
            (recursionDesired, 0x0100), (recursionAvailable, 0x0080), (authenticData, 0x0020),
            (checkingDisabled, 0x0010),
        ]
        return bits.reduce(UInt16(opcode.rawValue & 0xf) << 11 | rcode.rawValue & 0xf) {
            $1.0 ? $0 | $1.1 : $0
        }
    }

    private func opt(for edns: EDNS) -> ResourceRecord {
        ResourceRecord(
            .root,
            .opt,
            rrClass: RRClass(rawValue: edns.size),
            ttl: UInt32(rcode.rawValue >> 4) << 24 | UInt32(edns.version) << 16
                | (edns.wantsDNSSEC ? 0x8000 : 0),
            rdata: edns.optionBytes
        )
    }
}
