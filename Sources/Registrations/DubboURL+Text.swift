extension DubboURL {
    /// Reads the decoded text of a URL.
    ///
    /// - Parameter text: As grammar in the type's summary; `;` parts parameters as `&` does, a key without
    ///   `=` is empty, `default.x` also gives `x` where that is absent, what follows `#` is dropped.
    /// - Throws: `RegistrationError` when there is no protocol or the port is not a number.
    public init(text: String) throws(RegistrationError) {
        let read = try Self.read(Array(text.utf8))
        self = read.url
        parameters = read.parameters.dictionary
    }

    /// Reads the decoded text of a URL, as UTF-8.
    ///
    /// - Returns: The URL without its parameters, and these.
    static func read(
        _ bytes: [UInt8]
    ) throws(RegistrationError) -> (url: DubboURL, parameters: ParameterList) {
        let question = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var body = bytes[..<question]
        if let hash = body.firstIndex(of: UInt8(ascii: "#")) { body = body[..<hash] }
        guard let colon = schemeEnd(in: body) else {
            let text = string(bytes[...])
            throw RegistrationError(.badURL, text, "not a URL, it has no ://")
        }
        guard colon > body.startIndex else {
            let text = string(bytes[...])
            throw RegistrationError(.badURL, text, "not a URL, nothing precedes its ://")
        }
        let scheme = string(body[..<colon])
        body = body[colon...].dropFirst(3)
        let slash = body.firstIndex(of: UInt8(ascii: "/")) ?? body.endIndex
        var authority = body[..<slash]
        let (user, password) = takeUser(from: &authority)
        let (host, port) = try hostAndPort(authority)
        let url = DubboURL(
            scheme: scheme,
            user: user,
            password: password,
            host: host,
            port: port,
            path: string(body[slash...].dropFirst())
        )
        return (url, try ParameterList(query: bytes[question...].dropFirst()))
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
