public import ServiceModel

/// Which instances of which service a client wants.
public struct ServiceQuery: Equatable, Sendable {
    /// A Dubbo interface, case as registered, or a DDNS domain.
    public var name: String
    /// Group wanted; nil for instances without one.
    public var group: String?
    /// Version wanted; nil for unversioned instances, or all versions if there are none.
    public var version: String?
    /// URL scheme wanted; nil for any.
    public var scheme: String?

    /// Creates a query.
    public init(
        name: String,
        group: String? = nil,
        version: String? = nil,
        scheme: String? = nil
    ) {
        (self.name, self.group, self.version, self.scheme) = (name, group, version, scheme)
    }

    /// The service the name means in a view: the Dubbo interface, else the domain.
    ///
    /// - Parameter view: What is registered.
    /// - Returns: Nil when neither is known.
    public func service(in view: MembershipView) -> ServiceName? {
        let domain = name.hasSuffix(".") ? String(name.dropLast()) : name
        return [ServiceName(.dubbo, name), ServiceName(.domain, domain.lowercased())].first {
            view.services[$0] != nil
        }
    }

    /// The instances that serve and fit, by their identity.
    ///
    /// - Parameter instances: All of one service.
    /// - Returns: Sorted, so that every client has the same order.
    /// - Complexity: O(n log n).
    public func select(_ instances: [Instance]) -> [Instance] {
        let fitting = instances.filter { instance in
            instance.state.isServing && instance.id.tag.isEmpty
                && instance.id.group == (group ?? "")
                && (scheme == nil || instance.id.scheme == scheme)
        }
        let chosen: [Instance]
        if let version {
            chosen = fitting.filter { $0.id.version == version }
        } else {
            let unversioned = fitting.filter(\.id.version.isEmpty)
            chosen = unversioned.isEmpty ? fitting : unversioned
        }
        return chosen.sorted { $0.id < $1.id }
    }
}
