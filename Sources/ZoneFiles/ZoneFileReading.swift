import DNSProtocol

/// The records of one file while it is read: what `ZoneFile` checks record by record and as a whole.
///
/// Invariant: every entry is of class IN, inside the zone, and stands once. Owner: the call that reads.
struct ZoneFileReading {
    let origin: DNSName
    let file: String
    private(set) var entries: [ZoneFile.Entry] = []
    private var seen: Set<Identity> = []
    private var soa: (fields: SOA, ttl: UInt32)?
    /// From `$TTL`.
    private var directiveTTL: UInt32?
    /// TTL of the last record, for the next one that has none (RFC 1035 section 5.1).
    private var lastTTL: UInt32?

    /// What makes two records the same (RFC 2181 section 5): everything but the TTL.
    private struct Identity: Hashable {
        var owner: DNSName
        var type: RRType
        var rdata: [UInt8]
    }

    init(origin: DNSName, file: String) { (self.origin, self.file) = (origin, file) }

    /// Reads all records.
    ///
    /// - Throws: `ZoneFileError` for the first one that is not understood or may not stand there.
    mutating func read(_ text: [UInt8]) throws(ZoneFileError) {
        guard text.count <= Limits.fileBytesMax else {
            let message = "\(text.count) bytes, more than \(Limits.fileBytesMax)"
            throw ZoneFileError(.tooLarge, file: file, message: message)
        }
        guard var parser = RecordParser(origin: origin.wire) else {
            throw ZoneFileError(.unreadable, file: file, message: "out of memory")
        }
        var scanner = MasterFileScanner(text)
        while let entry = try next(&scanner) {
            if entry.text.first == UInt8(ascii: "$") {
                try follow(entry, &parser)
            } else {
                try add(entry, &parser)
            }
        }
    }

    /// The SOA, once all records are read.
    ///
    /// - Throws: `ZoneFileError` when there is none, or no NS beside it.
    func checkedSOA() throws(ZoneFileError) -> (fields: SOA, ttl: UInt32) {
        guard let soa else {
            throw ZoneFileError(.badSOA, file: file, message: "no SOA for \(origin)")
        }
        let isNS: (ZoneFile.Entry) -> Bool = { [origin] in
            $0.record.type == .ns && $0.record.name == origin
        }
        guard entries.contains(where: isNS) else {
            throw ZoneFileError(.badZone, file: file, message: "no NS for \(origin)")
        }
        return soa
    }

    /// Checks what only shows when records are seen beside each other.
    ///
    /// - Throws: `ZoneFileError` with the line of the later of the records that do not go together.
    func checkSets() throws(ZoneFileError) {
        var sets: [DNSName: [RRType: (ttl: UInt32, bytes: Int)]] = [origin: [.soa: (soaTTL, 0)]]
        for entry in entries {
            let record = entry.record
            var types = sets[record.name] ?? [:]
            try checkAlone(entry, beside: types.keys)
            let known = types[record.type]
            if let known, known.ttl != record.ttl {
                let message = "TTL \(record.ttl) in a set with TTL \(known.ttl)"
                throw fault(.badRecord, entry, message)
            }
            let size = (known?.bytes ?? 0) + Limits.recordHeaderBytes + record.rdata.count
            guard size <= Limits.answerBytesMax - record.name.wire.count else {
                throw fault(.tooLarge, entry, "the set does not fit into a message of 65535 bytes")
            }
            types[record.type] = (record.ttl, size)
            sets[record.name] = types
        }
    }

    private var soaTTL: UInt32 { soa?.ttl ?? 0 }

    /// A CNAME has its name for itself (RFC 1034 section 3.6.2), but for DNSSEC's own records.
    private func checkAlone(
        _ entry: ZoneFile.Entry,
        beside types: some Collection<RRType>
    ) throws(ZoneFileError) {
        let security = [RRType(rawValue: 46), RRType(rawValue: 47)]
        let isAlias = entry.record.type == .cname
        guard !security.contains(entry.record.type) else { return }
        if let other = types.first(where: { !security.contains($0) && (isAlias || $0 == .cname) }) {
            throw fault(.badRecord, entry, "a CNAME beside another record (\(other))")
        }
    }

    private mutating func next(
        _ scanner: inout MasterFileScanner
    ) throws(ZoneFileError) -> MasterFileScanner.Entry? {
        do { return try scanner.next() } catch {
            throw ZoneFileError(.syntax, file: file, line: error.line, message: error.message)
        }
    }

    private mutating func follow(
        _ entry: MasterFileScanner.Entry,
        _ parser: inout RecordParser
    ) throws(ZoneFileError) {
        let words = entry.text.split(whereSeparator: isBlank)
        let name = String(decoding: words[0], as: UTF8.self).uppercased()
        guard name == "$ORIGIN" || name == "$TTL" else {
            let known = name == "$INCLUDE" || name == "$GENERATE"
            throw fault(.directive, entry, "\(name) is not \(known ? "supported" : "known")")
        }
        guard words.count == 2 else { throw fault(.directive, entry, "\(name) takes one value") }
        if name == "$TTL" {
            guard let ttl = Self.seconds(words[1]) else {
                throw fault(.directive, entry, "not a TTL of 0 to \(Limits.ttlSecondsMax) seconds")
            }
            directiveTTL = ttl
        } else {
            do { try parser.setOrigin(Array(words[1])) } catch {
                throw fault(.directive, entry, error.reason)
            }
        }
    }

    /// Seconds, or numbers with units as in `1h30m`; nil for anything else.
    private static func seconds(_ text: ArraySlice<UInt8>) -> UInt32? {
        let units: [UInt8: UInt64] = [
            UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600,
            UInt8(ascii: "d"): 86_400, UInt8(ascii: "w"): 604_800,
        ]
        var (total, number): (UInt64, UInt64?) = (0, nil)
        for byte in text {
            if (48...57).contains(byte) {
                number = (number ?? 0) * 10 + UInt64(byte - 48)
            } else {
                guard let unit = units[byte | 0x20], let count = number else { return nil }
                (total, number) = (total + count * unit, nil)
            }
            guard max(total, number ?? 0) <= Limits.ttlSecondsMax else { return nil }
        }
        total += number ?? 0
        return total <= Limits.ttlSecondsMax ? UInt32(total) : nil
    }

    private mutating func add(
        _ entry: MasterFileScanner.Entry,
        _ parser: inout RecordParser
    ) throws(ZoneFileError) {
        guard !isBlank(entry.text[0]) || parser.hasPreviousOwner else {
            throw fault(.syntax, entry, "the first record has no owner")
        }
        let record: ResourceRecord
        do { record = try resourceRecord(try parser.parse(entry.text)) } catch let error
            as RecordParser.Refusal
        { throw fault(.syntax, entry, error.reason) } catch {
            throw fault(.syntax, entry, "\(error)")
        }
        lastTTL = record.ttl
        try check(record, entry)
        guard
            seen.insert(Identity(owner: record.name, type: record.type, rdata: record.rdata))
                .inserted
        else { throw fault(.badRecord, entry, "the same record stands there before") }
        guard record.type != .soa else {
            try take(soa: record, entry)
            return
        }
        guard entries.count < Limits.recordsMax else {
            throw fault(.tooLarge, entry, "more than \(Limits.recordsMax) records")
        }
        entries.append(ZoneFile.Entry(record: record, line: entry.line))
    }

    private func resourceRecord(_ parsed: RecordParser.Record) throws(DNSError) -> ResourceRecord {
        ResourceRecord(
            try DNSName(wire: parsed.owner),
            RRType(rawValue: parsed.type),
            rrClass: RRClass(rawValue: parsed.recordClass),
            ttl: parsed.ttl ?? directiveTTL ?? lastTTL ?? Limits.ttlSecondsDefault,
            rdata: parsed.rdata
        )
    }

    /// Checks a record by itself.
    private func check(
        _ record: ResourceRecord,
        _ entry: MasterFileScanner.Entry
    ) throws(ZoneFileError) {
        guard record.rrClass == .internet else {
            throw fault(.badRecord, entry, "class \(record.rrClass.rawValue) in a zone of class IN")
        }
        guard record.name.isWithin(origin) else {
            throw fault(.badRecord, entry, "\(record.name) is not inside the zone \(origin)")
        }
        guard record.ttl <= Limits.ttlSecondsMax else {
            throw fault(.badRecord, entry, "a TTL over \(Limits.ttlSecondsMax) seconds")
        }
        // Answered as plain names they would deny what another server has, with authority.
        guard record.name.labels.first.map({ $0.elementsEqual([UInt8(ascii: "*")]) }) != true else {
            throw fault(.badRecord, entry, "wildcards are not supported")
        }
        guard record.type != .ns || record.name == origin else {
            throw fault(.badRecord, entry, "delegations (NS below \(origin)) are not supported")
        }
        guard record.type.rawValue != Limits.dnameType else {
            throw fault(.badRecord, entry, "DNAME is not supported")
        }
        let isQuestionOnly = (249...255).contains(record.type.rawValue) || record.type == .opt
        guard !isQuestionOnly, record.type.rawValue != 0 else {
            throw fault(.badRecord, entry, "\(record.type) is not a type of records")
        }
    }

    private mutating func take(
        soa record: ResourceRecord,
        _ entry: MasterFileScanner.Entry
    ) throws(ZoneFileError) {
        guard record.name == origin else {
            throw fault(.badSOA, entry, "the SOA is not at the origin \(origin)")
        }
        guard soa == nil else { throw fault(.badSOA, entry, "a second SOA") }
        do { soa = (try SOA(rdata: record.rdata), record.ttl) } catch {
            throw fault(.badSOA, entry, "\(error)")
        }
    }

    private func fault(
        _ code: ZoneFileError.Code,
        _ entry: MasterFileScanner.Entry,
        _ message: String
    ) -> ZoneFileError {
        let words = entry.text.split(whereSeparator: isBlank).joined(separator: [UInt8(ascii: " ")])
        let text = String(decoding: Array(words.prefix(Limits.quotedBytesMax)), as: UTF8.self)
        let message = "\(message): `\(text)`"
        return ZoneFileError(code, file: file, line: entry.line, message: message)
    }

    private func fault(
        _ code: ZoneFileError.Code,
        _ entry: ZoneFile.Entry,
        _ message: String
    ) -> ZoneFileError {
        let message = "\(message): `\(entry.record.name) \(entry.record.type)`"
        return ZoneFileError(code, file: file, line: entry.line, message: message)
    }
}
