/// What is wrong with a zone file, and where.
public struct ZoneFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The ways in which a zone file can be wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case unreadable, tooLarge, syntax, directive, badSOA, badZone, badRecord
        }
        private let value: Value

        /// The file or folder cannot be read.
        public static let unreadable = Code(value: .unreadable)
        /// The file, a record or a set is larger than allowed.
        public static let tooLarge = Code(value: .tooLarge)
        /// A line does not have the form of RFC 1035 section 5.
        public static let syntax = Code(value: .syntax)
        /// A directive is unknown or not supported.
        public static let directive = Code(value: .directive)
        /// The SOA is missing, doubled, or not at the origin.
        public static let badSOA = Code(value: .badSOA)
        /// The zone has no NS, or its origin is not clear.
        public static let badZone = Code(value: .badZone)
        /// A record may not stand there: owner outside, class, duplicate, CNAME beside others, TTL.
        public static let badRecord = Code(value: .badRecord)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of fault it is.
    public let code: Code
    /// The file, as it was named by the caller.
    public let file: String
    /// Line on which the faulty record starts, from 1; 0 when the whole file is at fault.
    public let line: Int
    /// What is wrong, with the record where there is one.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, file: String, line: Int = 0, message: String) {
        (self.code, self.file, self.line, self.message) = (code, file, line, message)
    }

    /// `file:line: message`, or `file: message` when no line is at fault.
    public var description: String {
        line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)"
    }
}
