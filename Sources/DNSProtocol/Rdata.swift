import Wire

/// Makes the bytes of records, and takes them apart again.
public enum Rdata {
    /// An IPv4 address, first octet in the highest bits.
    public static func a(_ bits: UInt32) -> [UInt8] { written { $0.writeUInt32(bits) } }

    /// An IPv6 address, the first eight bytes in `high`.
    public static func aaaa(high: UInt64, low: UInt64) -> [UInt8] {
        written {
            $0.writeInt64(Int64(bitPattern: high))
            $0.writeInt64(Int64(bitPattern: low))
        }
    }

    /// A bare name, as in NS, CNAME and PTR.
    public static func name(_ name: DNSName) -> [UInt8] { name.wire }

    /// The location of a service: `priority(2) | weight(2) | port(2) | target` (RFC 2782).
    public static func srv(
        priority: UInt16,
        weight: UInt16,
        port: UInt16,
        target: DNSName
    ) -> [UInt8] {
        written {
            $0.writeUInt16(priority)
            $0.writeUInt16(weight)
            $0.writeUInt16(port)
            $0.writeBytes(target.wire)
        }
    }

    /// Character strings, each cut at 255 bytes; no strings make one empty one.
    public static func txt(_ strings: [String]) -> [UInt8] {
        written {
            for string in strings.isEmpty ? [""] : strings {
                let bytes = Array(string.utf8.prefix(Limits.characterStringBytesMax))
                $0.writeUInt8(UInt8(bytes.count))
                $0.writeBytes(bytes)
            }
        }
    }

    /// The strings of a TXT record; nil when the bytes have another form.
    public static func strings(txt rdata: [UInt8]) -> [[UInt8]]? {
        var strings: [[UInt8]] = []
        var position = 0
        while position < rdata.count {
            let end = position + 1 + Int(rdata[position])
            guard end <= rdata.count else { return nil }
            strings.append(Array(rdata[position + 1..<end]))
            position = end
        }
        return strings
    }

    private static func written(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter(capacity: 32)
        body(&writer)
        return writer.bytes
    }

    /// Copies rdata out of a message, with the names of the types that may be compressed in full.
    static func read(
        _ type: RRType,
        length: Int,
        from reader: inout ByteReader,
        in message: Span<UInt8>
    ) throws(DNSError) -> [UInt8] {
        let (start, end) = (reader.offset, reader.offset + length)
        guard reader.remaining >= length else { throw DNSError(.truncated, at: start) }
        var bytes: [UInt8] = []
        do {
            switch type {
            case .ns, .cname, .ptr:
                bytes = try DNSName(from: &reader, in: message).wire
            case .mx:
                bytes = try reader.readBytes(2) + DNSName(from: &reader, in: message).wire
            case .srv:
                bytes = try reader.readBytes(6) + DNSName(from: &reader, in: message).wire
            case .soa:
                bytes = try DNSName(from: &reader, in: message).wire
                bytes += try DNSName(from: &reader, in: message).wire
                bytes += try reader.readBytes(20)
            default: bytes = try reader.readBytes(length)
            }
        } catch let error as WireError { throw DNSError(error) } catch let error as DNSError {
            throw error
        } catch { throw DNSError(.badRdata, at: start) }
        guard reader.offset == end else { throw DNSError(.badRdata, at: start) }
        return bytes
    }
}
