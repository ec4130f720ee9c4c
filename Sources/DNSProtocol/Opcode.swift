/// What a message asks for: 4 bits of the header (RFC 1035 section 4.1.1).
public struct Opcode: RawRepresentable, Hashable, Sendable {
    /// The 4-bit code.
    public let rawValue: UInt8
    /// The operation of that number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A question.
    public static let query = Opcode(rawValue: 0)
    /// A zone changed (RFC 1996).
    public static let notify = Opcode(rawValue: 4)
    /// Dynamic update (RFC 2136).
    public static let update = Opcode(rawValue: 5)
}
