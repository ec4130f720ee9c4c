/// The parameters of a URL while it is read: a dozen, sorted by key, without a dictionary of them.
struct ParameterList {
    /// Sorted by key, no key twice, each value decoded.
    private(set) var pairs: [(name: String, value: String)] = []

    /// Stands before the keys of values that count where the plain key has none.
    private static let defaultsPrefix = "default."

    /// Reads what follows the `?`.
    ///
    /// - Parameter query: UTF-8; `;` parts as `&` does, of equal keys the last one counts.
    /// - Throws: `RegistrationError` when there are too many.
    init(query: ArraySlice<UInt8>) throws(RegistrationError) {
        let separators = query.count(where: Self.isSeparator)
        guard separators < Limits.parametersMax else {
            let reason = "\(separators + 1) parameters, over \(Limits.parametersMax)"
            throw RegistrationError(.badURL, Self.text(query), reason)
        }
        pairs.reserveCapacity(separators + 1)
        var (isSorted, hasDefaults) = (true, false)
        var rest = query
        while let first = rest.first {
            guard !Self.isSeparator(first) else {
                rest = rest.dropFirst()
                continue
            }
            let piece = rest[..<(rest.firstIndex(where: Self.isSeparator) ?? rest.endIndex)]
            rest = rest[piece.endIndex...]
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let (key, value) = (piece[..<equals], piece[equals...].dropFirst())
            hasDefaults = hasDefaults || key.starts(with: Self.defaultsPrefix.utf8)
            let isEscaped = value.contains(UInt8(ascii: "%"))
            let name = Self.text(key)
            if let last = pairs.last, last.name >= name { isSorted = false }
            pairs.append(
                (name, isEscaped ? PercentCoding.decodeAgain(Self.text(value)) : Self.text(value))
            )
        }
        // Dubbo writes them sorted.
        if !isSorted || hasDefaults { settle() }
    }

    /// The value of a key.
    subscript(key: String) -> String? { pairs.first { $0.name == key }?.value }

    /// Takes a key out.
    mutating func removeValue(forKey key: String) -> String? {
        guard let index = pairs.firstIndex(where: { $0.name == key }) else { return nil }
        return pairs.remove(at: index).value
    }

    var dictionary: [String: String] {
        Dictionary(uniqueKeysWithValues: pairs.lazy.map { ($0.name, $0.value) })
    }

    /// Sorts, keeps the last of equal keys, and lets `default.x` stand for `x` where that is absent.
    private mutating func settle() {
        var all = Dictionary(pairs.lazy.map { ($0.name, $0.value) }) { _, last in last }
        for (key, value) in all where key.hasPrefix(Self.defaultsPrefix) {
            let short = String(key.dropFirst(Self.defaultsPrefix.count))
            if all[short] == nil { all[short] = value }
        }
        pairs = all.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "&") || byte == UInt8(ascii: ";")
    }
}
