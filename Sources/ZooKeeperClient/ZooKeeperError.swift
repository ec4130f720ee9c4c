public import ZooKeeperProtocol

/// Why a request did not succeed, and whether it may have been carried out all the same.
public struct ZooKeeperError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers treat differently.
    public struct Code: Hashable, Sendable {
        private enum Kind {
            case refused, notSent, outcomeUnknown, sessionExpired, overloaded, closed, authFailed
            case badArgument, badReply
        }
        private let kind: Kind

        /// The server answered no; `server` has its code.
        public static let refused = Code(kind: .refused)
        /// No server could be reached: the request was certainly not carried out.
        public static let notSent = Code(kind: .notSent)
        /// The connection was lost behind the request: it may or may not have been carried out.
        public static let outcomeUnknown = Code(kind: .outcomeUnknown)
        /// The session ended before the request was sent; it was not carried out.
        public static let sessionExpired = Code(kind: .sessionExpired)
        /// Too many requests wait for answers; this one was not sent.
        public static let overloaded = Code(kind: .overloaded)
        /// The session was closed here; the request was not sent.
        public static let closed = Code(kind: .closed)
        /// The server refused a credential of the configuration; the request was not sent.
        public static let authFailed = Code(kind: .authFailed)
        /// The request breaks a rule that every server has, such as the form of paths; not sent.
        public static let badArgument = Code(kind: .badArgument)
        /// The server's answer could not be understood; the request may have been carried out.
        public static let badReply = Code(kind: .badReply)
    }

    /// What kind of failure it is.
    public let code: Code
    /// The server's code when `code` is `.refused`, else `.ok`.
    public let server: ErrorCode
    /// What was attempted and what came of it, for people.
    public let message: String
    /// Index, from 0, of the operation that failed in a transaction; nil for all other requests.
    public let operation: Int?

    init(_ code: Code, _ message: String) {
        (self.code, server, self.message, operation) = (code, .ok, message, nil)
    }

    init(refused server: ErrorCode, _ attempt: String, operation: Int? = nil, reason: String? = nil)
    {
        (code, self.server, self.operation) = (.refused, server, operation)
        message = "\(attempt): \(server)" + (reason.map { ", as \($0)" } ?? "")
    }

    /// True when the request was certainly not carried out, so that repeating it is safe.
    public var isCertainlyNotDone: Bool { code != .outcomeUnknown && code != .badReply }

    /// The message.
    public var description: String { message }
}
