/// Why no endpoint could be picked.
public struct ResolverError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failures.
    public struct Code: Hashable, Sendable {
        private enum Value: Hashable {
            case noSuchService
            case noInstance
            case notReady
        }
        private let value: Value

        /// The registry does not know the service.
        public static let noSuchService = Code(value: .noSuchService)
        /// The service has no instance that serves and fits the query.
        public static let noInstance = Code(value: .noInstance)
        /// The registry could not be read in time.
        public static let notReady = Code(value: .notReady)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, for people.
    public let message: String
    /// The error below it, if there is one.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String) {
        (self.code, self.message, cause) = (code, message, nil)
    }

    /// The message.
    public var description: String { message }

    /// Equal when code and message are.
    public static func == (left: ResolverError, right: ResolverError) -> Bool {
        (left.code, left.message) == (right.code, right.message)
    }
}
