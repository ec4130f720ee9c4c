/// Why a text is not the registration it should be: what `Rejection` shows to people.
public struct RegistrationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public struct Code: Equatable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case escape, url, host, port, provider, service, entry, render
        }
        private let value: Value

        /// An escape is cut short, not hexadecimal, or not UTF-8.
        public static let badEscape = Code(value: .escape)
        /// The text is not a URL, or is too long for one.
        public static let badURL = Code(value: .url)
        /// The host is missing, a name, or no host at all (0.0.0.0).
        public static let badHost = Code(value: .host)
        /// The port is missing or not in 1 to 65535.
        public static let badPort = Code(value: .port)
        /// The URL is not one of a provider.
        public static let notProvider = Code(value: .provider)
        /// The name cannot be that of a service, or the URL speaks of another service.
        public static let badService = Code(value: .service)
        /// An entry of a list is not `ip` or `ip:port`.
        public static let badEntry = Code(value: .entry)
        /// A value cannot be written so that it reads back the same.
        public static let notRenderable = Code(value: .render)

        /// The code's name, for logs.
        public var description: String { value.rawValue }
    }

    /// What kind of fault it is.
    public let code: Code
    /// The part at fault, cut to what fits a line.
    public let offender: String
    /// What is wrong with it, a clause for people.
    public let reason: String

    init(_ code: Code, _ offender: some StringProtocol, _ reason: String) {
        let isLong = offender.count > Limits.offenderCharactersMax
        let shown = offender.prefix(Limits.offenderCharactersMax)
        self.offender = isLong ? shown + "..." : String(shown)
        (self.code, self.reason) = (code, reason)
    }

    /// `reason: offender`.
    public var description: String { "\(reason): \(offender)" }
}
