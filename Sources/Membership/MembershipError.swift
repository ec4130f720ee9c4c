/// Why a registration was not taken on, or bytes were not taken for a view.
public struct MembershipError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is.
    public struct Code: Equatable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case instance, path, registered, tooMany, damagedView, newerView, foreignView
        }
        private let value: Value

        /// The instance cannot be written as a provider's name.
        public static let badInstance = Code(value: .instance)
        /// The path is not one of a znode that can be registered.
        public static let badPath = Code(value: .path)
        /// The path is registered already by this registrar.
        public static let alreadyRegistered = Code(value: .registered)
        /// The registrar has as many registrations as it takes.
        public static let tooMany = Code(value: .tooMany)
        /// The bytes are no view, or not all of one.
        public static let damagedView = Code(value: .damagedView)
        /// The view was written by a later version.
        public static let newerView = Code(value: .newerView)
        /// The view is of another registry, or of another part of it.
        public static let foreignView = Code(value: .foreignView)

        /// The code's name, for logs.
        public var description: String { value.rawValue }
    }

    /// What kind of refusal it is.
    public let code: Code
    /// What is wrong, a clause for people.
    public let message: String

    init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    /// The message.
    public var description: String { message }
}
