public import ServiceModel

/// Names below `/dubbo/<interface>/providers`: a URL each, and the instance it announces.
public enum ProviderName {
    /// Reads a provider's name.
    ///
    /// - Parameters:
    ///   - childName: Last element of the znode's path.
    ///   - service: The service whose directory it stands in.
    ///   - origin: The znode.
    ///   - since: When the znode was created; its state counts from there.
    /// - Returns: The instance; `enabled=false` and `disabled=true` make its state disabled.
    /// - Throws: `RegistrationError` for what consumers could not use: see its codes.
    public static func parse(
        _ childName: String,
        service: ServiceName,
        origin: Instance.Origin,
        since: UnixTime
    ) throws(RegistrationError) -> Instance {
        let (url, parameters) = try DubboURL.read(childName: childName)
        try checkIsProvider(url, parameters, of: service)
        let endpoint = Endpoint(address: try address(of: url), port: try port(of: url))
        let id = InstanceID(service: service, scheme: url.scheme, endpoint: endpoint)
        return instance(id, ParameterReader(parameters), origin: origin, since: since)
    }

    private static func checkIsProvider(
        _ url: DubboURL,
        _ parameters: ParameterList,
        of service: ServiceName
    ) throws(RegistrationError) {
        let scheme = url.scheme
        guard scheme != "empty" else {
            throw RegistrationError(.notProvider, "empty://", "it says that there is no provider")
        }
        guard !["consumer", "override", "absent", "route", "provider", "admin"].contains(scheme)
        else {
            throw RegistrationError(.notProvider, "\(scheme)://", "not the URL of a provider")
        }
        if let category = parameters["category"], category != "providers" {
            let offender = "category=\(category)"
            throw RegistrationError(.notProvider, offender, "not the URL of a provider")
        }
        let named = parameters["interface"] ?? url.path
        let fits =
            named.isEmpty || named == service.name
            || parameters["interface"] == nil && named.hasSuffix("/" + service.name)
        guard fits else {
            throw RegistrationError(
                .badService,
                named,
                "it names another service than its directory"
            )
        }
    }

    private static func address(of url: DubboURL) throws(RegistrationError) -> IPAddress {
        guard !url.host.isEmpty else {
            throw RegistrationError(.badHost, url.text, "it has no host")
        }
        guard let address = IPAddress(url.host) else {
            throw RegistrationError(.badHost, url.host, "host is not an IP address")
        }
        guard !address.isUnspecified else {
            throw RegistrationError(.badHost, url.host, "address names no host")
        }
        return address
    }

    private static func port(of url: DubboURL) throws(RegistrationError) -> UInt16 {
        guard let port = UInt16(exactly: url.port), port > 0 else {
            throw RegistrationError(.badPort, "\(url.port)", "port is not in 1 to 65535")
        }
        return port
    }

    private static func instance(
        _ id: InstanceID,
        _ parameters: consuming ParameterReader,
        origin: Instance.Origin,
        since: UnixTime
    ) -> Instance {
        var (id, rest) = (id, parameters)
        rest.drop("interface")
        id.group = rest.take("group")
        id.version = rest.take("version")
        id.tag = rest.take("dubbo.tag")
        let (startedAt, warmup) = rest.takeStart()
        return Instance(
            id: id,
            alternateAddress: rest.takeAlternateAddress(besides: id.endpoint.address),
            weight: rest.takeNumber("weight") ?? 100,
            application: rest.take("application"),
            startedAt: startedAt,
            warmup: warmup,
            state: rest.state(since: since),
            parameters: Parameters(sorted: rest.parameters.pairs),
            origin: origin
        )
    }
}

/// Takes the parameters with a meaning of their own out of a URL's parameters; the rest stays.
private struct ParameterReader {
    private(set) var parameters: ParameterList

    init(_ parameters: consuming ParameterList) { self.parameters = parameters }

    mutating func drop(_ key: String) { _ = parameters.removeValue(forKey: key) }

    mutating func take(_ key: String) -> String { parameters.removeValue(forKey: key) ?? "" }

    /// A whole number from 0; a negative one counts as 0, what is no number stays among the rest.
    mutating func takeNumber(_ key: String) -> Int? {
        guard let text = parameters[key], let number = Int(text) else { return nil }
        drop(key)
        return min(max(number, 0), Limits.numberMax)
    }

    /// Go counts both in seconds, Java in milliseconds; the size of `timestamp` tells which.
    mutating func takeStart() -> (UnixTime?, Duration) {
        guard let text = parameters["timestamp"], let number = Int64(text), number > 0 else {
            return (nil, takeNumber("warmup").map { .milliseconds($0) } ?? .seconds(600))
        }
        let inSeconds = number < Limits.timestampMillisecondsMin
        let milliseconds = inSeconds ? number * 1_000 : number
        let warmup = takeNumber("warmup").map {
            Duration.milliseconds($0 * (inSeconds ? 1_000 : 1))
        }
        guard milliseconds <= Limits.timestampMillisecondsMax else {
            return (nil, warmup ?? .seconds(600))
        }
        drop("timestamp")
        return (UnixTime(milliseconds: milliseconds), warmup ?? .seconds(600))
    }

    /// The `ipv6` parameter, when the host itself is IPv4.
    mutating func takeAlternateAddress(besides host: IPAddress) -> IPAddress? {
        guard case .v4 = host, let text = parameters["ipv6"], let address = IPAddress(text),
            case .v6 = address, !address.isUnspecified
        else { return nil }
        drop("ipv6")
        return address
    }

    /// `disabled` wins over `enabled` when it is there.
    func state(since: UnixTime) -> State {
        if let disabled = parameters["disabled"] {
            guard disabled == "true" else { return State(.up, since: since, why: "registered") }
            return State(.disabled, since: since, why: "disabled=true in its URL")
        }
        guard parameters["enabled"] == "false" else {
            return State(.up, since: since, why: "registered")
        }
        return State(.disabled, since: since, why: "enabled=false in its URL")
    }
}
