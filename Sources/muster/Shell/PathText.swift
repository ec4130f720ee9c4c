/// What the Java client says of a path that is none, before it asks any server.
enum PathText {
    /// Checks a path (ZooKeeper 3.8 PathUtils.validatePath).
    ///
    /// - Parameters:
    ///   - path: As typed.
    ///   - isSequential: A number will follow, which makes `/queue/` a path.
    /// - Returns: The sentence; nil for a good path.
    static func complaint(_ path: String, isSequential: Bool = false) -> String? {
        let units = Array((isSequential ? path + "1" : path).utf16)
        guard let first = units.first else { return "Path length must be > 0" }
        guard first == slash else { return "Path must start with / character" }
        guard units.count > 1 else { return nil }
        guard units.last != slash else { return "Path must not end with / character" }
        guard let reason = reason(units) else { return nil }
        let whole = isSequential ? path + "1" : path
        return "Invalid path string \"\(whole)\" caused by \(reason)"
    }

    private static func reason(_ units: [UInt16]) -> String? {
        for index in 1..<units.count {
            let unit = units[index]
            let endsHere = index + 1 == units.count || units[index + 1] == slash
            if unit == 0 { return "null character not allowed @\(index)" }
            if unit == slash, units[index - 1] == slash {
                return "empty node name specified @\(index)"
            }
            if unit == dot, endsHere {
                let isOne = units[index - 1] == slash
                let isTwo = units[index - 1] == dot && index > 1 && units[index - 2] == slash
                if isOne || isTwo { return "relative paths not allowed @\(index)" }
            }
            if isForbidden(unit) { return "invalid character @\(index)" }
        }
        return nil
    }

    private static func isForbidden(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x01...0x1f, 0x7f...0x9f, 0xd800...0xf8ff, 0xfff0...0xffff: true
        default: false
        }
    }

    private static let slash = UInt16(UInt8(ascii: "/"))
    private static let dot = UInt16(UInt8(ascii: "."))
}
