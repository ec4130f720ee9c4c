public import ServiceModel

/// Where Dubbo keeps what, below a root such as `/dubbo`.
public enum DubboTree {
    /// The directory of a service that holds its providers.
    public static let providers = "providers"

    /// The service that a child of the root stands for.
    ///
    /// - Parameter childName: Last element of the path `<root>/<encoded interface>`.
    /// - Returns: The service, or nil for Dubbo's own directories beside the services.
    /// - Throws: `RegistrationError` for a name with bad escapes or of no characters.
    public static func service(
        fromChild childName: String
    ) throws(RegistrationError) -> ServiceName? {
        guard !["config", "metadata", "mapping"].contains(childName) else { return nil }
        let name = try PercentCoding.decode(childName)
        guard !name.isEmpty else { throw RegistrationError(.badService, "", "the name is empty") }
        return ServiceName(.dubbo, name)
    }

    /// Path of the directory with a service's providers.
    ///
    /// - Parameters:
    ///   - service: The interface, not encoded.
    ///   - root: Absolute path of the root, `/` included.
    /// - Returns: The absolute path, the interface encoded.
    public static func providersPath(of service: String, root: String = "/dubbo") -> String {
        let start = root == "/" ? "" : root
        return "\(start)/\(PercentCoding.encode(service))/\(providers)"
    }
}
