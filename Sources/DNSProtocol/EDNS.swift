import Wire

/// What OPT says about its sender and about the message it stands in (RFC 6891 section 6.1).
///
/// ```
/// 00 | 0029 | size(2) | extended rcode(1) | version(1) | flags(2) | length(2) | options
/// ```
public struct EDNS: Equatable, Sendable {
    /// One option: its code and bytes.
    public struct Option: Equatable, Sendable {
        /// IANA's option code.
        public var code: UInt16
        /// The bytes, without code and length.
        public var value: [UInt8]

        /// Creates an option; `value` has at most 65,535 bytes.
        public init(code: UInt16, value: [UInt8]) { (self.code, self.value) = (code, value) }
    }

    /// Largest datagram in bytes that the sender takes.
    public var size: UInt16
    /// Version of the extension, 0 being the only one.
    public var version: UInt8
    /// DNSSEC records wanted (RFC 3225).
    public var wantsDNSSEC: Bool
    /// The options, in order.
    public var options: [Option]

    /// Creates what an OPT record says.
    public init(
        size: UInt16 = UInt16(Limits.datagramBytesMax),
        version: UInt8 = 0,
        wantsDNSSEC: Bool = false,
        options: [Option] = []
    ) {
        (self.size, self.version) = (size, version)
        (self.wantsDNSSEC, self.options) = (wantsDNSSEC, options)
    }

    /// The extended errors among the options, in order.
    public var extendedErrors: [ExtendedError] {
        options.filter { $0.code == ExtendedError.optionCode && $0.value.count >= 2 }
            .map { ExtendedError(rawValue: UInt16($0.value[0]) << 8 | UInt16($0.value[1])) }
    }

    static func options(from bytes: [UInt8]) throws(DNSError) -> [Option] {
        var reader = ByteReader(bytes.span)
        var options: [Option] = []
        do {
            while reader.remaining > 0 {
                let code = try reader.readUInt16()
                let length = Int(try reader.readUInt16())
                options.append(Option(code: code, value: try reader.readBytes(length)))
            }
        } catch { throw DNSError(.badOption, at: error.offset) }
        return options
    }

    var optionBytes: [UInt8] {
        var writer = ByteWriter()
        for option in options {
            writer.writeUInt16(option.code)
            writer.writeUInt16(UInt16(clamping: option.value.count))
            writer.writeBytes(option.value.prefix(Int(UInt16.max)))
        }
        return writer.bytes
    }
}
