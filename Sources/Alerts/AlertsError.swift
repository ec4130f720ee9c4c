/// Why the alerts could not do what was asked.
public struct AlertsError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable {
        private enum Value {
            case badWebhook, tooManyWebhooks, badPosition, tooManySubscribers, libcurl
        }
        private let value: Value

        /// A webhook's URL is no absolute http or https URL.
        public static let badWebhook = Code(value: .badWebhook)
        /// The configuration names more webhooks than there may be.
        public static let tooManyWebhooks = Code(value: .tooManyWebhooks)
        /// A text is no event id.
        public static let badPosition = Code(value: .badPosition)
        /// There are as many subscribers as there may be.
        public static let tooManySubscribers = Code(value: .tooManySubscribers)
        /// libcurl could not be set up.
        public static let libcurl = Code(value: .libcurl)
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
