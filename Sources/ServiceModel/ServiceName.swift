/// What a client asks for: a Dubbo interface, an application, or a DDNS domain.
public struct ServiceName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Which part of the tree the name comes from.
    public enum Kind: String, CaseIterable, Sendable {
        /// `/dubbo/<interface>/providers`; the name is the decoded interface, case kept.
        case dubbo
        /// `/services/<application>`.
        case application = "services"
        /// `/DDNS/<application>/<domain>`; the name is the domain, lower case, without a final dot.
        case domain = "ddns"
    }

    /// Which part of the tree the name comes from.
    public let kind: Kind
    /// The name inside that part.
    public let name: String

    /// Creates the name; nothing is checked here.
    public init(_ kind: Kind, _ name: String) { (self.kind, self.name) = (kind, name) }

    /// By name, then kind, so that lists read well.
    public static func < (left: ServiceName, right: ServiceName) -> Bool {
        (left.name, left.kind.rawValue) < (right.name, right.kind.rawValue)
    }

    /// The name alone, as people type it.
    public var description: String { name }
}
