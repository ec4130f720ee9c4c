import FoundationEssentials
import ZooKeeperProtocol

/// Why a line is no znode.
struct LineFault: Error, Equatable, Sendable {
    /// One clause.
    let reason: String
}

// One znode is one line of JSON:
//
//     {"path":"/a","data":"text","acl":["world:anyone:cdrwa"]}
//     {"path":"/b","base64":"AP8=","acl":["digest:u:hash:cdrwa"],"kind":"container"}
//     {"path":"/c","data":null,"acl":["world:anyone:r"],"ttlMilliseconds":60000}
extension PortableZNode {
    /// Appends its line, with the line feed.
    func appendLine(to bytes: inout [UInt8]) {
        bytes += #"{"path":"#.utf8
        Self.append(path, to: &bytes)
        if let data {
            if let text = String(validating: data, as: UTF8.self) {
                bytes += #","data":"#.utf8
                Self.append(text, to: &bytes)
            } else {
                bytes += #","base64":""#.utf8
                bytes += Data(data).base64EncodedString().utf8
                bytes.append(UInt8(ascii: "\""))
            }
        } else {
            bytes += #","data":null"#.utf8
        }
        bytes += #","acl":["#.utf8
        for (index, entry) in acl.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            Self.append(Self.text(entry), to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        switch kind {
        case .persistent: break
        case .container: bytes += #","kind":"container""#.utf8
        case .ttl(let milliseconds): bytes += #","ttlMilliseconds":\#(milliseconds)"#.utf8
        }
        bytes += "}\n".utf8
    }

    /// Reads a line.
    ///
    /// - Parameter line: Without the line feed.
    /// - Throws: `LineFault`; keys that are not known are a fault, so that nothing is lost unseen.
    init(line: [UInt8]) throws(LineFault) {
        let fields = try Fields(line)
        guard let path = fields.path else { throw LineFault(reason: "it has no \"path\"") }
        do throws(ZNodePathError) {
            try ZNodePath.validate(path)
        } catch {
            throw LineFault(reason: "\"\(path)\": \(error)")
        }
        guard let texts = fields.acl else { throw LineFault(reason: "it has no \"acl\"") }
        guard !texts.isEmpty else { throw LineFault(reason: "its access list is empty") }
        var acl: [ACL] = []
        for text in texts { acl.append(try Self.entry(text)) }
        self.init(path: path, kind: try Self.kind(fields), data: try Self.data(fields), acl: acl)
    }

    // MARK: Access lists

    /// `scheme:id:rights`; rights that have no letters stand as a number.
    private static func text(_ entry: ACL) -> String {
        let isPlain = entry.permissions.isSubset(of: .all)
        let rights = isPlain ? ACLText.text(entry.permissions) : "\(entry.permissions.rawValue)"
        return "\(entry.scheme):\(entry.id):\(rights)"
    }

    private static func entry(_ text: String) throws(LineFault) -> ACL {
        guard let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"),
            first != last
        else { throw LineFault(reason: "\"\(text)\" in \"acl\" is not scheme:id:rights") }
        let rights = text[text.index(after: last)...]
        let id = String(text[text.index(after: first)..<last])
        let scheme = String(text[..<first])
        if let number = Int32(rights) {
            return ACL(ACL.Permissions(rawValue: number), scheme: scheme, id: id)
        }
        let (parsed, notices) = ACLText.parse(":x:" + rights)
        guard let entry = parsed.first, parsed.count == 1, notices.isEmpty else {
            throw LineFault(reason: "\"\(text)\" in \"acl\": rights are some of c, d, r, w and a")
        }
        return ACL(entry.permissions, scheme: scheme, id: id)
    }

    // MARK: Kind and data

    private static func kind(_ fields: Fields) throws(LineFault) -> Kind {
        switch (fields.kind, fields.ttlMilliseconds) {
        case (nil, nil), ("persistent", nil): return .persistent
        case ("container", nil): return .container
        case (nil, let milliseconds?):
            guard (1...Limits.ttlMillisecondsMax).contains(milliseconds) else {
                let most = Limits.ttlMillisecondsMax
                throw LineFault(reason: "a TTL is 1 to \(most) milliseconds, not \(milliseconds)")
            }
            return .ttl(milliseconds: milliseconds)
        case (let kind?, nil):
            throw LineFault(reason: "\"\(kind)\" is no kind; there are persistent and container")
        case (_?, _?):
            throw LineFault(reason: "it has \"kind\" and \"ttlMilliseconds\"; only one can be")
        }
    }

    private static func data(_ fields: Fields) throws(LineFault) -> [UInt8]? {
        switch (fields.data, fields.base64) {
        case (let data?, nil): return data.map { Array($0.utf8) }
        case (nil, let text?):
            guard let data = Data(base64Encoded: text) else {
                throw LineFault(reason: "its \"base64\" is none")
            }
            return Array(data)
        case (nil, nil):
            throw LineFault(reason: "it has neither \"data\" nor \"base64\"; null is a value too")
        case (_?, _?): throw LineFault(reason: "it has both \"data\" and \"base64\"")
        }
    }

    // MARK: JSON

    /// Appends a JSON string (RFC 8259 section 7).
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 10: bytes += #"\n"#.utf8
            case 0..<32, 127:
                bytes += #"\u00"#.utf8
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// What stands in a line, as far as it is there.
    private struct Fields {
        private(set) var path: String?
        /// The inner one is nil for null.
        private(set) var data: String??
        private(set) var base64: String?
        private(set) var acl: [String]?
        private(set) var kind: String?
        private(set) var ttlMilliseconds: Int64?

        init(_ line: [UInt8]) throws(LineFault) {
            for (key, value) in try JSONLine.read(line) {
                switch (key, value) {
                case ("path", .text(let text)): path = text
                case ("data", .text(let text)): data = .some(text)
                case ("data", .null): data = .some(nil)
                case ("base64", .text(let text)): base64 = text
                case ("acl", .texts(let texts)): acl = texts
                case ("kind", .text(let text)): kind = text
                case ("ttlMilliseconds", .number(let number)): ttlMilliseconds = number
                case ("path", _), ("data", _), ("base64", _), ("acl", _), ("kind", _),
                    ("ttlMilliseconds", _):
                    throw LineFault(reason: "its \"\(key)\" is of another type")
                default:
                    throw LineFault(
                        reason: "\"\(key)\" is no key of a znode; there are path, data, base64, "
                            + "acl, kind and ttlMilliseconds"
                    )
                }
            }
        }
    }
}
