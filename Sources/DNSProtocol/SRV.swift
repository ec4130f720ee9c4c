import Wire

/// The fields of an SRV record (RFC 2782).
public struct SRV: Hashable, Sendable {
    /// Lower is asked first.
    public var priority: UInt16
    /// Share among records of one priority.
    public var weight: UInt16
    /// The port.
    public var port: UInt16
    /// The host.
    public var target: DNSName

    /// Reads rdata.
    ///
    /// - Throws: `DNSError` when the bytes are not exactly an SRV.
    public init(rdata: [UInt8]) throws(DNSError) {
        var reader = ByteReader(rdata.span)
        do {
            (priority, weight) = (try reader.readUInt16(), try reader.readUInt16())
            port = try reader.readUInt16()
        } catch { throw DNSError(error) }
        target = try DNSName(wire: rdata.dropFirst(6))
    }
}
