/// Why the registry could not start or take a connection.
public struct RegistryError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public struct Code: Hashable, Sendable {
        private enum Value: Hashable, Sendable {
            case cannotListen
            case badConfiguration
            case cannotAttach
            case stopped
            case storage
        }
        private let value: Value
        /// The address is taken, or not this machine's.
        public static let cannotListen = Code(value: .cannotListen)
        /// A setting is outside its bounds.
        public static let badConfiguration = Code(value: .badConfiguration)
        /// The descriptor handed in cannot be used.
        public static let cannotAttach = Code(value: .cannotAttach)
        /// The registry has been stopped.
        public static let stopped = Code(value: .stopped)
        /// What is kept on disk cannot be read, or not be written.
        public static let storage = Code(value: .storage)
    }

    /// What kind of failure.
    public let code: Code
    /// One sentence with the values.
    public let message: String
    /// What was underneath, if anything.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// A test's registry cannot make its directory.
    package static func noDirectory(_ path: String, cause: any Error) -> RegistryError {
        RegistryError(.badConfiguration, "registry: cannot make \(path): \(cause)", cause: cause)
    }

    /// The sentence.
    public var description: String { message }
}
