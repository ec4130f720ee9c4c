extension DubboURL {
    /// Reads the decoded text of a URL.
    ///
    /// - Parameter text: As grammar in the type's summary; `;` parts parameters as `&` does, a key without
    ///   `=` is empty, `default.x` also gives `x` where that is absent, what follows `#` is dropped.
    /// - Throws: `RegistrationError` when there is no protocol or the port is not a number.
    public init(text: String) throws(RegistrationError) {
        try self.init(decoded: Array(text.utf8))
    }

    /// Reads the decoded text of a URL, as UTF-8.
    init(decoded bytes: [UInt8]) throws(RegistrationError) {
        let question = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var body = bytes[..<question]
        if let hash = body.firstIndex(of: UInt8(ascii: "#")) { body = body[..<hash] }
        guard let colon = Self.schemeEnd(in: body) else {
            let text = Self.string(bytes[...])
            throw RegistrationError(.badURL, text, "not a URL, it has no ://")
        }
        guard colon > body.startIndex else {
            let text = Self.string(bytes[...])
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
    private static func schemeEnd(in body: ArraySlice<UInt8>) -> Int? {
        var rest = body
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            if body[colon...].starts(with: "://".utf8) { return colon }
            rest = rest[colon...].dropFirst()
        }
        return nil
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Cuts `user[:password]@` off the front.
    private static func takeUser(
        from authority: inout ArraySlice<UInt8>
    ) -> (String?, String?) {
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return (nil, nil) }
        let user = authority[..<at]
        authority = authority[at...].dropFirst()
        guard let colon = user.firstIndex(of: UInt8(ascii: ":")) else { return (string(user), nil) }
        return (string(user[..<colon]), string(user[colon...].dropFirst()))
    }

    /// The port follows the last colon, unless that is inside brackets or a zone (`%`) follows it.
    private static func hostAndPort(
        _ authority: ArraySlice<UInt8>
    ) throws(RegistrationError) -> (String, Int) {
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            !authority[colon...].contains(UInt8(ascii: "]")),
            !authority[colon...].contains(UInt8(ascii: "%"))
        else { return (string(authority), 0) }
        let digits = authority[colon...].dropFirst()
        guard !digits.isEmpty else { return (string(authority[..<colon]), 0) }
        let number = string(digits)
        guard digits.allSatisfy({ (48...57).contains($0) }), let port = Int(number),
            port <= Limits.numberMax
        else { throw RegistrationError(.badPort, number, "port is not a number") }
        return (string(authority[..<colon]), port)
    }

    /// Stands before the keys of values that count where the plain key has none.
    private static let defaultsPrefix = "default."

    private static func parameters(
        _ query: ArraySlice<UInt8>
    ) throws(RegistrationError) -> [String: String] {
        let separators = query.count(where: isSeparator)
        guard separators < Limits.parametersMax else {
            let reason = "\(separators + 1) parameters, over \(Limits.parametersMax)"
            throw RegistrationError(.badURL, string(query), reason)
        }
        var parameters: [String: String] = [:]
        parameters.reserveCapacity(separators + 1)
        var hasDefaults = false
        var rest = query
        while let first = rest.first {
            guard !isSeparator(first) else {
                rest = rest.dropFirst()
                continue
            }
            let piece = rest[..<(rest.firstIndex(where: isSeparator) ?? rest.endIndex)]
            rest = rest[piece.endIndex...]
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let (key, value) = (piece[..<equals], piece[equals...].dropFirst())
            hasDefaults = hasDefaults || key.starts(with: defaultsPrefix.utf8)
            let isEscaped = value.contains(UInt8(ascii: "%"))
            parameters[string(key)] =
                isEscaped ? PercentCoding.decodeAgain(string(value)) : string(value)
        }
        guard hasDefaults else { return parameters }
        for (key, value) in parameters where key.hasPrefix(defaultsPrefix) {
            let short = String(key.dropFirst(defaultsPrefix.count))
            if parameters[short] == nil { parameters[short] = value }
        }
        return parameters
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "&") || byte == UInt8(ascii: ";")
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
