public import ZooKeeperProtocol

// Paths put together and taken apart as Curator's ZKPaths does it, forgiving about slashes.
extension ZNodePath {
    /// The server's own znodes.
    static let servers = "/zookeeper"

    /// A path of parts, each with or without slashes at its ends.
    ///
    /// - Parameter parts: Names or paths; empty ones and slashes alone are left out.
    /// - Returns: `make("a/", "/b")` is `/a/b`; without parts the root.
    public static func make(_ parts: String...) -> String {
        let names = parts.flatMap(components(of:))
        return names.isEmpty ? root : names.reduce(into: "") { $0 += "/" + $1 }
    }

    /// The names on the way down a path.
    ///
    /// - Parameter path: Slashes at its end, or two in a row, make no name.
    /// - Returns: `["a", "b"]` for `/a/b`; none for the root.
    public static func components(of path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    }

    /// The path above and the name at the end.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: `/a` and `b` for `/a/b`; the root and nothing for the root.
    public static func split(_ path: String) -> (parent: String, name: String) {
        (parent(of: path) ?? root, path == root ? "" : name(of: path))
    }

    /// A path and all above it but the root, from the top.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: `["/a", "/a/b"]` for `/a/b`; none for the root.
    public static func levels(of path: String) -> [String] {
        var levels: [String] = []
        var next: String? = path
        while let level = next, level != root {
            levels.append(level)
            next = parent(of: level)
        }
        return levels.reversed()
    }

    /// The number that a sequential create has put behind a name.
    ///
    /// - Parameter name: A name or a path.
    /// - Returns: Nil where there is none. Below 0, where counters go after 2147483647, are ten digits above
    ///   that with a sign before them, and nine digits with one; -1999999999 to -1000000000 look like
    ///   numbers above 0 behind a name that ends in a sign, and are taken for these.
    public static func sequenceNumber(of name: String) -> Int32? {
        let bytes = Array(name.utf8.suffix(11))
        guard let number = Int64(String(decoding: bytes.suffix(10), as: UTF8.self)) else {
            return nil
        }
        let digits = bytes.suffix(10).dropFirst()
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        guard bytes.count >= 10, digits.allSatisfy(isDigit), bytes.suffix(10).first != 43 else {
            return nil
        }
        if let small = Int32(exactly: number) { return small }
        guard bytes.count == 11, bytes[0] == UInt8(ascii: "-") else { return nil }
        return Int32(exactly: -number)
    }

    /// Names in the order in which sequential creates made them.
    ///
    /// - Parameter names: Names or paths; their prefixes do not matter.
    /// - Returns: By number; those without one come last, by name.
    /// - Complexity: O(n log n).
    public static func sortedBySequence(_ names: [String]) -> [String] {
        names.map { (key: sequenceNumber(of: $0).map(Int64.init) ?? .max, name: $0) }
            .sorted { ($0.key, $0.name) < ($1.key, $1.name) }
            .map(\.name)
    }
}
