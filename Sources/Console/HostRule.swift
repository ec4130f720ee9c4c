import ServiceModel

/// Decides whose requests the port answers, by their `Host` field.
///
/// A page from elsewhere can make a browser on this machine send requests here, under a name that its
/// owner lets point to this machine (DNS rebinding). It cannot make the browser send an address or
/// `localhost` as host, so those are let in, and names that the configuration lists.
struct HostRule: Sendable {
    /// Names that are let in beside `localhost` and addresses; compared without regard to case.
    let names: Set<String>

    init(names: [String] = []) { self.names = Set(names.map { $0.lowercased() }) }

    /// True for an address, `localhost` or a listed name, each with or without a port.
    func admits(_ host: String) -> Bool {
        guard host.utf8.count <= Limits.nameBytesMax else { return false }
        if Endpoint(host) != nil || IPAddress(host) != nil { return true }
        var name = host[...]
        if let colon = host.lastIndex(of: ":") {
            guard UInt16(host[host.index(after: colon)...]) != nil else { return false }
            name = host[..<colon]
        }
        if name.hasSuffix(".") { name = name.dropLast() }
        let lowered = name.lowercased()
        return lowered == "localhost" || names.contains(lowered)
    }
}
