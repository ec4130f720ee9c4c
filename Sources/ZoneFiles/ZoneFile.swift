public import DNSProtocol

/// A zone as its master file describes it, checked as a whole.
///
/// Step of the data flow: from a file to the answer table. Invariants: exactly one SOA, at the origin;
/// at least one NS there; every owner inside the zone and of class IN; no record twice; a CNAME alone at
/// its name; one TTL in a set; every set fits into an answer over TCP. Owner: nobody; it is a value.
public struct ZoneFile: Equatable, Sendable {
    /// One record and where it stands.
    public struct Entry: Equatable, Sendable {
        /// The record.
        public var record: ResourceRecord
        /// Line on which it starts, from 1.
        public var line: Int
    }

    /// The name of the zone.
    public let origin: DNSName
    /// The SOA's fields.
    public let soa: SOA
    /// The SOA's own TTL in seconds.
    public let soaTTL: UInt32
    /// All records but the SOA, in the file's order.
    public let entries: [Entry]
    /// The file, as the caller named it.
    public let file: String

    /// The records without their lines.
    public var records: [ResourceRecord] { entries.map(\.record) }

    /// Reads and checks the text of a master file (RFC 1035 section 5).
    ///
    /// `$ORIGIN` and `$TTL` are followed; `$INCLUDE` and `$GENERATE` are refused.
    ///
    /// - Parameters:
    ///   - text: The bytes of the file.
    ///   - origin: The name of the zone, to which relative names are relative.
    ///   - file: What errors call the file.
    /// - Throws: `ZoneFileError` for the first fault, with file, line and record.
    /// - Complexity: O(n) in the bytes; about 1 microsecond a record.
    public init(text: [UInt8], origin: DNSName, file: String) throws(ZoneFileError) {
        var reading = ZoneFileReading(origin: origin, file: file)
        try reading.read(text)
        let soa = try reading.checkedSOA()
        try reading.checkSets()
        (self.origin, self.file) = (origin, file)
        (self.soa, soaTTL, entries) = (soa.fields, soa.ttl, reading.entries)
    }
}
