public import Wire

/// Why stored bytes do not make a tree: the znode or session in question, and what is wrong with it.
public struct TreeDamage: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Hashable, Sendable {
        private enum Value { case unreadable, misplaced, duplicate, missing, kind, session, zxid }
        private let value: Value
        /// The record is not one; `cause` says where.
        public static let unreadable = Code(value: .unreadable)
        /// The path is none, or its parent is missing or an ephemeral.
        public static let misplaced = Code(value: .misplaced)
        /// The znode or session is there already.
        public static let duplicate = Code(value: .duplicate)
        /// The znode is not there, or has children where it is to go.
        public static let missing = Code(value: .missing)
        /// The znode cannot be of its kind.
        public static let kind = Code(value: .kind)
        /// The session is unknown.
        public static let session = Code(value: .session)
        /// A zxid is out of its order.
        public static let zxid = Code(value: .zxid)
    }

    /// What is wrong, to be told apart by callers.
    public let code: Code
    /// The znode's path, `session 0x...`, or `record 0x...` with the zxid.
    public let subject: String
    /// What is wrong with it, for people.
    public let message: String
    /// Where the record's bytes are wrong, for `unreadable`.
    public let cause: WireError?

    init(_ code: Code, _ subject: String, _ message: String, cause: WireError? = nil) {
        (self.code, self.subject, self.message, self.cause) = (code, subject, message, cause)
    }

    init(_ code: Code, session id: Int64, _ message: String) {
        self.init(code, "session 0x" + String(UInt64(bitPattern: id), radix: 16), message)
    }

    init(_ code: Code, zxid: Int64, _ message: String, cause: WireError? = nil) {
        let subject = "record 0x" + String(UInt64(bitPattern: zxid), radix: 16)
        self.init(code, subject, message, cause: cause)
    }

    /// One line: what it is about, and what is wrong.
    public var description: String { "\(subject): \(message)" }
}
