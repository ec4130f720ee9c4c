public import ServiceModel

/// Which part of a registry's tree an aggregator keeps a view of.
public struct MembershipConfiguration: Sendable {
    /// How much of the roots is of interest.
    public enum Scope: Equatable, Sendable {
        /// All that stands below the roots.
        case everything
        /// One service only, as a resolver wants it; application services are in no tree yet.
        case service(ServiceName)
    }

    /// Absolute paths of the directories that hold Dubbo interfaces.
    public var dubboRoots: [String]
    /// Absolute path of the directory that holds applications with their domains, nil for none.
    public var ddnsRoot: String?
    /// How much of the roots is of interest.
    public var scope: Scope
    /// True when the registry tells of every end of a session, as the embedded one does.
    ///
    /// Else a departure's reason is unknown, except where only a deletion is possible.
    public var hearsSessionEnds: Bool

    /// Creates a configuration; nothing is checked here.
    public init(
        dubboRoots: [String] = ["/dubbo"],
        ddnsRoot: String? = "/DDNS",
        scope: Scope = .everything,
        hearsSessionEnds: Bool = false
    ) {
        (self.dubboRoots, self.ddnsRoot) = (dubboRoots, ddnsRoot)
        (self.scope, self.hearsSessionEnds) = (scope, hearsSessionEnds)
    }
}
