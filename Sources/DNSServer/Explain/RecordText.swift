import DNSProtocol
import ServiceModel

/// Records as people read them, in the form of a master file.
enum RecordText {
    /// Name, TTL, class, type and rdata on one line; `name` as a question spelled it.
    static func line(_ record: ResourceRecord, as name: DNSName? = nil) -> String {
        "\(name ?? record.name) \(record.ttl) IN \(record.type) \(rdata(record))"
    }

    /// The rdata alone; of types without a form here, the form of RFC 3597: `\# 3 abcdef`.
    static func rdata(_ record: ResourceRecord) -> String {
        known(record.type, record.rdata) ?? generic(record.rdata)
    }

    /// Nil for other types, and for bytes that are not of the type.
    private static func known(_ type: RRType, _ rdata: [UInt8]) -> String? {
        switch type {
        case .a where rdata.count == 4, .aaaa where rdata.count == 16:
            return IPAddress(bytes: rdata)?.description
        case .ns, .cname, .ptr: return name(rdata[...])
        case .mx where rdata.count > 2:
            return name(rdata[2...]).map { "\(UInt16(rdata[0]) << 8 | UInt16(rdata[1])) \($0)" }
        case .srv:
            guard let srv = try? SRV(rdata: rdata) else { return nil }
            return "\(srv.priority) \(srv.weight) \(srv.port) \(srv.target)"
        case .txt: return Rdata.strings(txt: rdata)?.map(quoted).joined(separator: " ")
        default: return nil
        }
    }

    private static func name(_ wire: ArraySlice<UInt8>) -> String? {
        guard let name = try? DNSName(wire: wire) else { return nil }
        return name.description
    }

    private static func quoted(_ string: [UInt8]) -> String {
        var text = "\""
        for byte in string {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += "\\" + String(decoding: [byte], as: UTF8.self)
            case 32...126: text += String(decoding: [byte], as: UTF8.self)
            default:
                text += "\\" + [byte / 100, byte / 10 % 10, byte % 10].map { "\($0)" }.joined()
            }
        }
        return text + "\""
    }

    private static func generic(_ rdata: [UInt8]) -> String {
        let digits = rdata.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "\\# \(rdata.count) \(digits.joined())"
    }
}
