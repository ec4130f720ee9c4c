/// How a question went: 4 bits of the header, extended to 12 by OPT (RFC 6895 section 2.3).
public struct RCODE: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The 12-bit code.
    public let rawValue: UInt16
    /// The response code of that number.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Answered; without records the name exists but not the type.
    public static let noError = RCODE(rawValue: 0)
    /// The question has no valid form.
    public static let formErr = RCODE(rawValue: 1)
    /// The server cannot answer now.
    public static let servFail = RCODE(rawValue: 2)
    /// Nothing exists at or below the name.
    public static let nxDomain = RCODE(rawValue: 3)
    /// The server does not do this kind of request.
    public static let notImp = RCODE(rawValue: 4)
    /// The server does not answer for this name.
    public static let refused = RCODE(rawValue: 5)
    /// The EDNS version is not known.
    public static let badVers = RCODE(rawValue: 16)

    /// The name as dig prints it.
    public var description: String {
        switch self {
        case .noError: "NOERROR"
        case .formErr: "FORMERR"
        case .servFail: "SERVFAIL"
        case .nxDomain: "NXDOMAIN"
        case .notImp: "NOTIMP"
        case .refused: "REFUSED"
        case .badVers: "BADVERS"
        default: "RCODE\(rawValue)"
        }
    }
}
