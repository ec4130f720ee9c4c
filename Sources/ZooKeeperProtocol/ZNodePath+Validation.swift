/// Why a path is not one.
public struct ZNodePathError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The ways in which a path can break the rules.
    public struct Code: Hashable, Sendable {
        private enum Value: Hashable, Sendable {
            case notAbsolute
            case trailingSlash
            case emptyComponent
            case relativeComponent
            case forbiddenCharacter
        }
        private let value: Value
        /// It does not start with a slash.
        public static let notAbsolute = Code(value: .notAbsolute)
        /// It ends in a slash and is not the root.
        public static let trailingSlash = Code(value: .trailingSlash)
        /// Two slashes follow each other.
        public static let emptyComponent = Code(value: .emptyComponent)
        /// A component is "." or "..".
        public static let relativeComponent = Code(value: .relativeComponent)
        /// A control character, a private one, or one outside the basic plane.
        public static let forbiddenCharacter = Code(value: .forbiddenCharacter)
    }

    /// What is wrong.
    public let code: Code
    /// Where, in UTF-8 bytes from the path's start.
    public let offset: Int

    init(_ code: Code, at offset: Int) { (self.code, self.offset) = (code, offset) }

    /// One clause for a log line, with the offset.
    public var description: String {
        switch code {
        case .notAbsolute: "path does not start with a slash"
        case .trailingSlash: "path ends in a slash"
        case .emptyComponent: "path has an empty component at byte \(offset)"
        case .relativeComponent: "path has a component . or .. at byte \(offset)"
        default: "path has a forbidden character at byte \(offset)"
        }
    }
}

extension ZNodePath {
    /// True when the path keeps all rules.
    public static func isValid(_ path: String) -> Bool {
        do throws(ZNodePathError) {
            try validate(path)
            return true
        } catch {
            return false
        }
    }

    /// Checks all rules of ZooKeeper 3.8 PathUtils.validatePath.
    ///
    /// - Throws: `ZNodePathError` for the first rule broken; servers answer BADARGUMENTS.
    /// - Complexity: O(bytes of the path), no allocation.
    public static func validate(_ path: String) throws(ZNodePathError) {
        var scan = Scan()
        for byte in path.utf8 { try scan.step(byte) }
        try scan.finish()
    }

    /// One pass over the path's bytes, which are UTF-8 because they come from a `String`.
    private struct Scan {
        private var offset = 0
        /// Dots so far in a component that has nothing else; nil once it has.
        private var dots: Int? = 0
        private var componentBytes = 0
        /// The character so far, while bytes of it are to come.
        private var scalar: UInt32 = 0
        private var continuations = 0

        mutating func step(_ byte: UInt8) throws(ZNodePathError) {
            defer { offset += 1 }
            guard offset > 0 else {
                guard byte == UInt8(ascii: "/") else { throw ZNodePathError(.notAbsolute, at: 0) }
                return
            }
            switch byte {
            case UInt8(ascii: "/"):
                guard componentBytes > 0 else {
                    throw ZNodePathError(.emptyComponent, at: offset)
                }
                try endComponent()
                (dots, componentBytes) = (0, 0)
                return
            case UInt8(ascii: "."): dots = dots.map { $0 + 1 }
            case 0x20...0x7e: dots = nil
            default:
                dots = nil
                try stepThroughScalar(byte)
            }
            componentBytes += 1
        }

        mutating func finish() throws(ZNodePathError) {
            guard offset > 0 else { throw ZNodePathError(.notAbsolute, at: 0) }
            guard offset > 1 else { return }
            guard componentBytes > 0 else { throw ZNodePathError(.trailingSlash, at: offset - 1) }
            try endComponent()
        }

        private func endComponent() throws(ZNodePathError) {
            guard let dots, dots == 1 || dots == 2 else { return }
            throw ZNodePathError(.relativeComponent, at: offset - componentBytes)
        }

        /// A control character, or a byte of a character of several bytes.
        private mutating func stepThroughScalar(_ byte: UInt8) throws(ZNodePathError) {
            switch byte {
            case 0x80...0xbf:
                scalar = scalar << 6 | UInt32(byte & 0x3f)
                continuations -= 1
            case 0xc0...0xdf: (scalar, continuations) = (UInt32(byte & 0x1f), 1)
            case 0xe0...0xef: (scalar, continuations) = (UInt32(byte & 0x0f), 2)
            default: throw ZNodePathError(.forbiddenCharacter, at: offset)
            }
            guard continuations == 0 else { return }
            switch scalar {
            case 0x80...0x9f, 0xd800...0xf8ff, 0xfff0...0xffff:
                let width = scalar < 0x800 ? 2 : 3
                throw ZNodePathError(.forbiddenCharacter, at: offset - width + 1)
            default: return
            }
        }
    }
}
