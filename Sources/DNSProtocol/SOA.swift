import Wire

/// The fields of an SOA record (RFC 1035 section 3.3.13).
public struct SOA: Hashable, Sendable {
    /// The primary server.
    public var primary: DNSName
    /// The responsible person's mailbox, the first dot standing for `@`.
    public var contact: DNSName
    /// Number of the zone's version.
    public var serial: UInt32
    /// Seconds between a secondary's checks.
    public var refresh: UInt32
    /// Seconds before a failed check is repeated.
    public var retry: UInt32
    /// Seconds after which a secondary stops answering.
    public var expire: UInt32
    /// Seconds for which absence may be cached (RFC 2308).
    public var minimum: UInt32

    /// Creates the fields.
    public init(
        primary: DNSName,
        contact: DNSName,
        serial: UInt32,
        refresh: UInt32,
        retry: UInt32,
        expire: UInt32,
        minimum: UInt32
    ) {
        (self.primary, self.contact, self.serial) = (primary, contact, serial)
        (self.refresh, self.retry) = (refresh, retry)
        (self.expire, self.minimum) = (expire, minimum)
    }

    /// Reads uncompressed rdata.
    ///
    /// - Throws: `DNSError` when the bytes are not exactly an SOA.
    public init(rdata: [UInt8]) throws(DNSError) {
        let bytes = rdata.span
        var reader = ByteReader(bytes)
        (primary, contact) = (
            try DNSName(from: &reader, in: bytes), try DNSName(from: &reader, in: bytes)
        )
        do {
            (serial, refresh) = (try reader.readUInt32(), try reader.readUInt32())
            (retry, expire) = (try reader.readUInt32(), try reader.readUInt32())
            minimum = try reader.readUInt32()
        } catch { throw DNSError(error) }
        guard reader.remaining == 0 else { throw DNSError(.badRdata, at: reader.offset) }
    }

    /// The bytes, names in full.
    public var rdata: [UInt8] {
        var writer = ByteWriter()
        writer.writeBytes(primary.wire)
        writer.writeBytes(contact.wire)
        for field in [serial, refresh, retry, expire, minimum] { writer.writeUInt32(field) }
        return writer.bytes
    }
}
