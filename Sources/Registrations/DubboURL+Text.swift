extension DubboURL {
    /// Reads the decoded text of a URL.
    ///
    /// - Parameter text: As grammar in the type's summary; `;` parts parameters as `&` does, a key without
    ///   `=` is empty, `default.x` also gives `x` where that is absent, what follows `#` is dropped.
    /// - Throws: `RegistrationError` when there is no protocol or the port is not a number.
    public init(text: String) throws(RegistrationError) {
        let bytes = text.utf8
        let question = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var body = bytes[..<question]
        if let hash = body.firstIndex(of: UInt8(ascii: "#")) { body = body[..<hash] }
        guard let colon = Self.schemeEnd(in: body) else {
            throw RegistrationError(.badURL, text, "not a URL, it has no ://")
        }
        guard colon > body.startIndex else {
            throw RegistrationError(.badURL, text, "not a URL, nothing precedes its ://")
        }
        scheme = Self.string(body[..<colon])
        body = body[colon...].dropFirst(3)
        let slash = body.firstIndex(of: UInt8(ascii: "/")) ?? body.endIndex
        path = Self.string(body[slash...].dropFirst())
        var authority = body[..<slash]
        (user, password) = Self.takeUser(from: &authority)
        (host, port) = try Self.hostAndPort(authority)
        parameters = try Self.parameters(bytes[question...].dropFirst())
    }

    /// Place of the colon of the first `://`.
    private static func schemeEnd(in body: Substring.UTF8View) -> String.Index? {
        var rest = body
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            if body[colon...].starts(with: "://".utf8) { return colon }
            rest = rest[colon...].dropFirst()
        }
        return nil
    }

    private static func string(_ bytes: Substring.UTF8View) -> String { String(Substring(bytes)) }

    /// Cuts `user[:password]@` off the front.
    private static func takeUser(
        from authority: inout Substring.UTF8View
    ) -> (String?, String?) {
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return (nil, nil) }
        let user = authority[..<at]
        authority = authority[at...].dropFirst()
        guard let colon = user.firstIndex(of: UInt8(ascii: ":")) else { return (string(user), nil) }
        return (string(user[..<colon]), string(user[colon...].dropFirst()))
    }

    /// The port follows the last colon, unless that is inside brackets or a zone (`%`) follows it.
    private static func hostAndPort(
        _ authority: Substring.UTF8View
    ) throws(RegistrationError) -> (String, Int) {
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            !authority[colon...].contains(UInt8(ascii: "]")),
            !authority[colon...].contains(UInt8(ascii: "%"))
        else { return (string(authority), 0) }
        let digits = authority[colon...].dropFirst()
        guard !digits.isEmpty else { return (string(authority[..<colon]), 0) }
        guard digits.allSatisfy({ (48...57).contains($0) }), let port = Int(Substring(digits)),
            port <= Limits.numberMax
        else { throw RegistrationError(.badPort, Substring(digits), "port is not a number") }
        return (string(authority[..<colon]), port)
    }

    /// Stands before the keys of values that count where the plain key has none.
    private static let defaultsPrefix = "default."

    private static func parameters(
        _ query: Substring.UTF8View
    ) throws(RegistrationError) -> [String: String] {
        let pieces = query.split { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }
        guard pieces.count <= Limits.parametersMax else {
            let reason = "\(pieces.count) parameters, over \(Limits.parametersMax)"
            throw RegistrationError(.badURL, Substring(query), reason)
        }
        var parameters: [String: String] = [:]
        parameters.reserveCapacity(pieces.count)
        var hasDefaults = false
        for piece in pieces {
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let value = string(piece[equals...].dropFirst())
            let key = piece[..<equals]
            hasDefaults = hasDefaults || key.starts(with: defaultsPrefix.utf8)
            parameters[string(key)] = PercentCoding.decodeAgain(value)
        }
        guard hasDefaults else { return parameters }
        for (key, value) in parameters where key.hasPrefix(defaultsPrefix) {
            let short = String(key.dropFirst(defaultsPrefix.count))
            if parameters[short] == nil { parameters[short] = value }
        }
        return parameters
    }

    /// The URL as decoded text: parameters sorted by key, values trimmed, the port only when not 0.
    public var text: String {
        var text = scheme + "://"
        if let user {
            text += user
            if let password { text += ":" + password }
            text += "@"
        }
        text += host
        if port > 0 { text += ":\(port)" }
        if !path.isEmpty { text += "/" + path }
        let sorted = parameters.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (index, (key, value)) in sorted.enumerated() {
            text += (index == 0 ? "?" : "&") + key + "=" + Self.trim(value)
        }
        return text
    }

    /// Without the blanks and control characters at its ends, as Java's `trim`.
    private static func trim(_ value: String) -> Substring {
        let scalars = value.unicodeScalars
        guard let first = scalars.firstIndex(where: { $0.value > 32 }),
            let last = scalars.lastIndex(where: { $0.value > 32 })
        else { return "" }
        return Substring(scalars[first...last])
    }
}
