/// Why the console could not be opened.
public struct ConsoleError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable {
        private enum Value {
            case listen
            case library
        }
        private let value: Value

        /// An address or path cannot be listened on.
        public static let listen = Code(value: .listen)
        /// libmicrohttpd does not start.
        public static let library = Code(value: .library)
    }

    /// What kind of failure it is.
    public let code: Code
    /// A sentence for people.
    public let message: String
    /// What led to it, when another part failed.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// The sentence.
    public var description: String { message }
}
