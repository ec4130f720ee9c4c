/// The class of a record or of a question (RFC 1035 section 3.2.4).
public struct RRClass: RawRepresentable, Hashable, Sendable {
    /// The 16-bit code.
    public let rawValue: UInt16
    /// The class of that code; every code is one.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The Internet.
    public static let internet = RRClass(rawValue: 1)
    /// Chaosnet, used to ask a server about itself.
    public static let chaos = RRClass(rawValue: 3)
    /// Any class; only in questions.
    public static let any = RRClass(rawValue: 255)
}
