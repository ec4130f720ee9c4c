import CLDNS
import Glibc

/// One record in text to its parts, through libldns; the only owner of libldns objects.
///
/// Step of the data flow: between the scanner's entries and the checks. Invariants: `origin` and `previous`
/// are libldns names that nobody else frees; every other object is freed in the call that made it.
/// Owner: the call that reads one file, on one thread.
@safe struct RecordParser: ~Copyable {
    /// A record as libldns read it, names in rdata uncompressed.
    struct Record {
        /// Wire form, letters as written.
        var owner: [UInt8]
        var type: UInt16
        var recordClass: UInt16
        /// Nil when the text has none.
        var ttl: UInt32?
        var rdata: [UInt8]
    }

    /// Why libldns refused a text, a clause for people.
    struct Refusal: Error {
        var reason: String
    }

    /// Passed as the default TTL to see whether the text has its own: an odd value over `ttlSecondsMax`,
    /// which no correct file has. (0 as the default would come back as 3,600.)
    private static let absentTTL: UInt32 = 0xfedc_ba98

    private var origin: UnsafeMutablePointer<ldns_rdf>
    /// The last owner, for records that leave theirs out.
    private var previous: UnsafeMutablePointer<ldns_rdf>?

    /// Starts below `origin`, a name in wire form; nil without memory.
    init?(origin: [UInt8]) {
        // SAFETY: libldns copies the bytes during the call; the count is theirs.
        let made = unsafe origin.withUnsafeBytes { bytes in
            unsafe ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, bytes.count, bytes.baseAddress)
        }
        guard let made = unsafe made else { return nil }
        unsafe (self.origin, previous) = (made, nil)
    }

    deinit {
        // SAFETY: both are owned by this value alone (see the invariant); freeing nil does nothing.
        unsafe ldns_rdf_deep_free(origin)
        unsafe ldns_rdf_deep_free(previous)
    }

    /// True once a record was read, so that the next one may leave out its owner.
    var hasPreviousOwner: Bool { unsafe previous != nil }

    /// Follows `$ORIGIN`; a name without a final dot is relative to the origin so far.
    ///
    /// - Throws: `Refusal` when the text is not a name.
    mutating func setOrigin(_ text: [UInt8]) throws(Refusal) {
        // SAFETY: the text ends in a zero byte, libldns keeps no pointer to it, and the new name is
        // owned here alone: stored, or freed when the parts do not fit together.
        let isAbsolute = unsafe withCString(text) { unsafe ldns_dname_str_absolute($0) } == 1
        let made = unsafe withCString(text) { unsafe ldns_dname_new_frm_str($0) }
        guard let made = unsafe made else { throw Refusal(reason: "not a domain name") }
        if !isAbsolute {
            let status = unsafe ldns_dname_cat(made, origin)
            guard status == LDNS_STATUS_OK else {
                unsafe ldns_rdf_deep_free(made)
                throw Refusal(reason: Self.reason(status))
            }
        }
        unsafe ldns_rdf_deep_free(origin)
        unsafe origin = made
    }

    /// Reads one record.
    ///
    /// - Parameter text: A record on one line, without comments, parentheses and zero bytes.
    /// - Returns: Its parts.
    /// - Throws: `Refusal` with libldns' reason.
    mutating func parse(_ text: [UInt8]) throws(Refusal) -> Record {
        var made: UnsafeMutablePointer<ldns_rr>?
        var last = unsafe previous
        let parent = unsafe origin
        // SAFETY: the text ends in a zero byte and is not kept; libldns frees the name in `last` when it
        // replaces it, and `previous` takes the replacement in the next line.
        let status = unsafe withCString(text) {
            unsafe ldns_rr_new_frm_str(&made, $0, Self.absentTTL, parent, &last)
        }
        unsafe previous = last
        guard status == LDNS_STATUS_OK, let record = unsafe made else {
            throw Refusal(reason: Self.reason(status))
        }
        defer { unsafe ldns_rr_free(record) }
        return unsafe Self.copy(record)
    }

    private static func copy(_ record: UnsafeMutablePointer<ldns_rr>) -> Record {
        let ttl = unsafe ldns_rr_ttl(record)
        var rdata: [UInt8] = []
        // SAFETY: the index is below libldns' own count; the fields are lent until the record is freed,
        // and copied here.
        for index in 0..<(unsafe ldns_rr_rd_count(record)) {
            unsafe append(ldns_rr_rdf(record, index), to: &rdata)
        }
        var owner: [UInt8] = []
        unsafe append(ldns_rr_owner(record), to: &owner)
        return Record(
            owner: owner,
            type: UInt16(truncatingIfNeeded: unsafe ldns_rr_get_type(record).rawValue),
            recordClass: UInt16(truncatingIfNeeded: unsafe ldns_rr_get_class(record).rawValue),
            ttl: ttl == absentTTL ? nil : ttl,
            rdata: rdata
        )
    }

    private static func append(_ field: UnsafeMutablePointer<ldns_rdf>?, to bytes: inout [UInt8]) {
        guard let field = unsafe field, let start = unsafe ldns_rdf_data(field) else { return }
        // SAFETY: libldns gives the size of the block that `start` points to.
        let block = unsafe UnsafeBufferPointer(start: start, count: ldns_rdf_size(field))
        unsafe bytes.append(contentsOf: block)
    }

    private static func reason(_ status: ldns_status) -> String {
        // SAFETY: libldns returns a constant text, or nil for a code it does not know.
        guard let text = unsafe ldns_get_errorstr_by_id(status) else { return "not understood" }
        let sentence = unsafe String(cString: text)
        let prefix = "Syntax error, "
        return sentence.hasPrefix(prefix) ? String(sentence.dropFirst(prefix.count)) : sentence
    }
}

/// Lends the bytes with a zero behind them, as C wants a text.
private func withCString<Result>(
    _ text: [UInt8],
    _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    let terminated = text.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: the buffer lives until `body` returns, and callers keep no pointer to it.
    return unsafe terminated.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
