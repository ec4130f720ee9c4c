/// The rules of znode paths (ZooKeeper 3.8 PathUtils), and how paths are put together and taken apart.
///
/// A path is a string of components, each behind a slash; the root is the slash alone. Nothing here
/// makes a value of its own out of a path: records and the tree hold plain strings.
public enum ZNodePath {
    /// The root.
    public static let root = "/"

    /// The path of the znode above; nil for the root and for what has no slash.
    public static func parent(of path: String) -> String? {
        guard let slash = lastSlash(in: path) else { return nil }
        guard slash > 0 else { return path.utf8.count > 1 ? root : nil }
        return String(path[..<path.utf8.index(path.startIndex, offsetBy: slash)])
    }

    /// The last component; empty for the root.
    public static func name(of path: String) -> String {
        guard let slash = lastSlash(in: path) else { return path }
        return String(path[path.utf8.index(path.startIndex, offsetBy: slash + 1)...])
    }

    /// Offset in UTF-8 bytes.
    private static func lastSlash(in path: String) -> Int? {
        let bytes = path.utf8.span
        var index = bytes.count - 1
        while index >= 0 {
            if bytes[index] == UInt8(ascii: "/") { return index }
            index -= 1
        }
        return nil
    }

    /// The path of a child.
    public static func join(_ parent: String, _ name: String) -> String {
        var path = ""
        path.reserveCapacity(parent.utf8.count + 1 + name.utf8.count)
        path += parent
        if parent != root { path += "/" }
        path += name
        return path
    }

    /// True when `path` is `ancestor` or below it.
    public static func isSame(_ path: String, orBelow ancestor: String) -> Bool {
        if ancestor == root { return path.utf8.first == UInt8(ascii: "/") }
        let (path, ancestor) = (path.utf8, ancestor.utf8)
        guard path.starts(with: ancestor) else { return false }
        let rest = path.dropFirst(ancestor.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    /// The path that a sequential create makes: a number of ten digits behind what was given.
    ///
    /// - Parameters:
    ///   - prefix: As the client gave it; may end in a slash.
    ///   - number: The parent's count of creations; below 0 the minus sign is one of the ten.
    /// - Returns: The whole path; its form is not checked.
    public static func sequential(_ prefix: String, number: Int32) -> String {
        let digits = String(number.magnitude)
        let sign = number < 0 ? "-" : ""
        let zeros = Limits.sequenceDigits - digits.utf8.count - sign.utf8.count
        return prefix + sign + String(repeating: "0", count: max(0, zeros)) + digits
    }
}
