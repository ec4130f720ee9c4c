/// A Dubbo URL: `[protocol://][user[:password]@][host[:port]][/path][?k=v&k=v...]`.
///
/// Step of the data flow: between the decoded name of a znode and the instance or rule it stands for.
/// Read as Java's `URLStrParser` does, with Python's doubly encoded values undone.
public struct DubboURL: Equatable, Sendable {
    /// What precedes `://`: `dubbo`, `tri`, `consumer`, `override`...
    public var scheme: String
    /// Name before the last `@`, nil for none.
    public var user: String?
    /// Password behind the user's name, nil for none.
    public var password: String?
    /// The host as written, brackets of an IPv6 address and zone included; may be empty.
    public var host: String
    /// The port, 0 for none; not checked against 65535.
    public var port: Int
    /// What follows the first `/`, without it; usually the interface.
    public var path: String
    /// Values by key, each decoded.
    public var parameters: [String: String]

    /// Creates a URL; nothing is checked here.
    public init(
        scheme: String,
        user: String? = nil,
        password: String? = nil,
        host: String,
        port: Int = 0,
        path: String = "",
        parameters: [String: String] = [:]
    ) {
        (self.scheme, self.user, self.password) = (scheme, user, password)
        (self.host, self.port, self.path, self.parameters) = (host, port, path, parameters)
    }

    /// Reads the name of a znode: the whole URL, encoded once.
    ///
    /// - Throws: `RegistrationError` for bad escapes, texts that are no URL, and over-long names.
    public init(childName: String) throws(RegistrationError) {
        let read = try Self.read(childName: childName)
        self = read.url
        parameters = read.parameters.dictionary
    }

    /// Reads the name of a znode, as `init(childName:)` does.
    ///
    /// - Returns: The URL without its parameters, and these.
    static func read(
        childName: String
    ) throws(RegistrationError) -> (url: DubboURL, parameters: ParameterList) {
        guard childName.utf8.count <= Limits.nameBytesMax else {
            let reason = "name of \(childName.utf8.count) bytes, over \(Limits.nameBytesMax)"
            throw RegistrationError(.badURL, childName, reason)
        }
        let decoded = try PercentCoding.decodedBytes(childName)
        guard decoded.isUTF8 else {
            throw RegistrationError(.badEscape, childName, "its escapes are not UTF-8")
        }
        return try read(decoded)
    }

    /// The name of a znode that stands for this URL: the whole text, encoded as Java does.
    public var childName: String { PercentCoding.encode(text) }

    /// `[group/]interface[:version]`: what consumers subscribe to.
    public var serviceKey: String {
        let group = parameters["group"].flatMap { $0.isEmpty ? nil : $0 + "/" } ?? ""
        let version = parameters["version"].flatMap { $0.isEmpty ? nil : ":" + $0 } ?? ""
        return group + interface + version
    }

    /// The `interface` parameter, else the path.
    public var interface: String { parameters["interface"] ?? path }
}

extension [UInt8] {
    fileprivate var isUTF8: Bool {
        // A single byte from 128 on makes it worth a closer look.
        if allSatisfy({ $0 < 0x80 }) { return true }
        return (try? UTF8Span(validating: span)) != nil
    }
}
