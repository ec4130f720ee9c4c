/// Why an answer is as it is, in more words than an RCODE has (RFC 8914).
public struct ExtendedError: RawRepresentable, Hashable, Sendable {
    /// Option code of extended errors: `000F | length(2) | info code(2) | UTF-8 text`.
    public static let optionCode: UInt16 = 15

    /// IANA's info code.
    public let rawValue: UInt16
    /// The error of that code.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The answer is older than it should be.
    public static let staleAnswer = ExtendedError(rawValue: 3)
    /// The server does not know its names yet.
    public static let notReady = ExtendedError(rawValue: 14)
    /// The NXDOMAIN is older than it should be.
    public static let staleNXDOMAIN = ExtendedError(rawValue: 19)
    /// The name is in none of the server's zones.
    public static let notAuthoritative = ExtendedError(rawValue: 20)
    /// The class or operation is not supported.
    public static let notSupported = ExtendedError(rawValue: 21)
    /// The source of the names is out of reach for too long.
    public static let noReachableAuthority = ExtendedError(rawValue: 22)
}
