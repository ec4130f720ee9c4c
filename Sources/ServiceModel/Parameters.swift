/// Names and values that mean nothing to Muster, such as the `pid` and the `methods` of a provider.
///
/// One block of memory: as dictionaries, those of 100,000 providers would take 100 MB.
public struct Parameters: Hashable, Sendable {
    /// UTF-8 of the pairs sorted by name; behind each name and each value an `end`.
    private var bytes: [UInt8] = []

    /// A byte that no UTF-8 has.
    private static let end: UInt8 = 0xff

    /// No parameters.
    public init() {}

    /// Takes over a dictionary.
    public init(_ dictionary: [String: String]) {
        self.init(sorted: dictionary.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
    }

    /// Takes over pairs of a name and a value.
    ///
    /// - Parameter pairs: Sorted by name, no name twice.
    public init(sorted pairs: some Collection<(name: String, value: String)>) {
        bytes.reserveCapacity(pairs.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 })
        for (name, value) in pairs {
            bytes += name.utf8
            bytes.append(Self.end)
            bytes += value.utf8
            bytes.append(Self.end)
        }
    }

    /// True without any.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Names and values.
    ///
    /// - Complexity: O(n), a text for each.
    public var dictionary: [String: String] {
        var dictionary: [String: String] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            let name = Self.takeText(&rest)
            dictionary[name] = Self.takeText(&rest)
        }
        return dictionary
    }

    /// The value for a name; assigning nil removes it.
    ///
    /// - Complexity: O(n).
    public subscript(name: String) -> String? {
        get { dictionary[name] }
        set {
            var dictionary = dictionary
            dictionary[name] = newValue
            self = Parameters(dictionary)
        }
    }

    private static func takeText(_ rest: inout ArraySlice<UInt8>) -> String {
        let text = rest.prefix { $0 != end }
        rest = rest[text.endIndex...].dropFirst()
        return String(decoding: text, as: UTF8.self)
    }
}

extension Parameters: ExpressibleByDictionaryLiteral {
    /// Takes over pairs of a name and a value; of a name that stands there twice the last one counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(Dictionary(elements) { _, last in last })
    }
}
