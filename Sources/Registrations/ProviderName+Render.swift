public import ServiceModel

extension ProviderName {
    /// The znode name under which an instance is registered.
    ///
    /// - Parameter instance: A Dubbo instance; its remaining parameters are written too.
    /// - Returns: The encoded URL, which reads back as the same instance.
    /// - Throws: `RegistrationError.notRenderable` for a value that would not read back the same, such as
    ///   one with `&`, and the codes of `parse` for an instance that nobody could use.
    public static func render(_ instance: Instance) throws(RegistrationError) -> String {
        let url = url(for: instance)
        let name = url.childName
        let back = try DubboURL(childName: name)
        guard back == url else {
            let keys = url.parameters.keys.sorted()
            let key = keys.first { back.parameters[$0] != url.parameters[$0] }
            let offender = key.map { "\($0)=\(url.parameters[$0] ?? "")" } ?? url.text
            throw RegistrationError(.notRenderable, offender, "it would read back differently")
        }
        let (origin, since) = (instance.origin, instance.state.since)
        _ = try parse(name, service: instance.id.service, origin: origin, since: since)
        return name
    }

    private static func url(for instance: Instance) -> DubboURL {
        let id = instance.id
        var parameters = instance.parameters.dictionary
        parameters["interface"] = id.service.name
        parameters["side"] = parameters["side"] ?? "provider"
        parameters["dynamic"] = parameters["dynamic"] ?? "true"
        let named = [
            "group": id.group, "version": id.version, "dubbo.tag": id.tag,
            "application": instance.application,
        ]
        for (key, value) in named where !value.isEmpty { parameters[key] = value }
        if instance.weight != 100 { parameters["weight"] = "\(instance.weight)" }
        if let startedAt = instance.startedAt {
            parameters["timestamp"] = "\(startedAt.milliseconds)"
        }
        if instance.warmup != .seconds(600) {
            parameters["warmup"] = "\(instance.warmup.milliseconds)"
        }
        if let address = instance.alternateAddress { parameters["ipv6"] = address.description }
        return DubboURL(
            scheme: id.scheme,
            host: hostText(id.endpoint.address),
            port: Int(id.endpoint.port),
            path: id.service.name,
            parameters: parameters
        )
    }

    private static func hostText(_ address: IPAddress) -> String {
        if case .v6 = address { return "[\(address)]" }
        return address.description
    }
}
