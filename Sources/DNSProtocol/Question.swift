/// What is asked: a name, a type and a class (RFC 1035 section 4.1.2).
public struct Question: Hashable, Sendable, CustomStringConvertible {
    /// The name asked for.
    public var name: DNSName
    /// The type asked for.
    public var type: RRType
    /// The class asked for.
    public var rrClass: RRClass

    /// Creates a question.
    public init(_ name: DNSName, _ type: RRType, rrClass: RRClass = .internet) {
        (self.name, self.type, self.rrClass) = (name, type, rrClass)
    }

    /// Name and type as dig prints them.
    public var description: String { "\(name) \(type)" }
}
