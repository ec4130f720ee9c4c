import ServiceModel
import ZooKeeperConfiguration
import ZooKeeperServer

/// What an existing `zoo.cfg` says: of the embedded registry, or of an ensemble to connect to.
///
/// Step of the data flow: between the file's bytes and `Configuration.Registry`, whose own keys win over it.
/// Pure. What ZooKeeper needs and the registry does not is noted, with its line; what would make it another
/// service than the one asked for is refused.
struct ZooCfg {
    /// Path of the file, for messages.
    let file: String
    /// What is ignored or different, each with file and line.
    private(set) var notices: [String] = []

    var port: (value: UInt16, line: Int)?
    /// Where a port for TLS stands.
    var secureLine: Int?
    var address: IPAddress?
    var tickTime: Duration?
    var minSessionTimeout: Duration?
    var maxSessionTimeout: Duration?
    var connectionsPerAddressMax: Int?
    var connectionsMax: Int?
    var requestBytesMax: Int?
    var words: WordPolicy?
    var enforceQuota: Bool?
    var containerCheckInterval: Duration?
    var superDigest: String?
    /// The `server.N` lines in their order, as clients would reach them.
    var servers: [(line: Int, host: String, port: UInt16?)] = []
    /// Connect string of the servers, where there are several.
    private(set) var ensemble: String?

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - file: Its path, for messages.
    /// - Throws: `ConfigurationError` with file, line, key and value.
    init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        self.file = file
        let properties: JavaProperties
        do throws(JavaProperties.Fault) {
            properties = try JavaProperties(bytes)
        } catch {
            throw ConfigurationError(
                place: "\(file):\(error.line)",
                key: "",
                message: error.message
            )
        }
        var lines: [String: Int] = [:]
        for entry in properties.entries {
            if let earlier = lines.updateValue(entry.line, forKey: entry.key) {
                note(entry, "takes the place of line \(earlier), as in ZooKeeper")
            }
            do throws(ConfigurationKey.Refusal) {
                try take(entry)
            } catch {
                throw ConfigurationError(
                    place: "\(file):\(entry.line)",
                    key: entry.key,
                    message: error.message
                )
            }
        }
        try findEnsemble()
        guard let secureLine, port == nil else { return }
        throw ConfigurationError(
            place: "\(file):\(secureLine)",
            key: "secureClientPort",
            message: "without a clientPort it means TLS alone, which the registry does not "
                + "speak; a line clientPort=2181 lets clients connect without it"
        )
    }

    /// Something that an operator who wrote the line should know.
    mutating func note(_ entry: JavaProperties.Entry, _ text: String) {
        notices.append("\(file):\(entry.line): \(entry.key): \(text)")
    }

    /// What holds where no registry key is given: the file's settings over the daemon's defaults.
    ///
    /// Where the file names no address, ZooKeeper would listen on all; here that has to be said aloud.
    ///
    /// - Parameter keys: What the registry keys say.
    /// - Returns: A configuration to read those keys over.
    func defaults(below keys: Configuration.Registry) -> Configuration {
        var configuration = Configuration()
        configuration.notices = notices
        let usual = configuration.registry.listen
        if let port {
            let everywhere = IPAddress.v4(0)
            let own = keys.allowAnonymous ? everywhere : usual.address
            configuration.registry.listen = Endpoint(address: address ?? own, port: port.value)
            if address == nil, !keys.allowAnonymous, keys.listen == usual, ensemble == nil {
                configuration.notices.append(
                    "\(file):\(port.line): clientPort: without clientPortAddress ZooKeeper listens "
                        + "on all addresses; here on 127.0.0.1 only, as anyone could register and "
                        + "delete, unless you set registry.allowAnonymous: true"
                )
            }
        }
        let registry = configuration.registry
        configuration.registry.tickTime = tickTime ?? registry.tickTime
        configuration.registry.minSessionTimeout = minSessionTimeout
        configuration.registry.maxSessionTimeout = maxSessionTimeout
        configuration.registry.connectionsPerAddressMax =
            connectionsPerAddressMax ?? registry.connectionsPerAddressMax
        configuration.registry.connectionsMax = connectionsMax ?? registry.connectionsMax
        configuration.registry.requestBytesMax = requestBytesMax ?? registry.requestBytesMax
        configuration.registry.words = words ?? registry.words
        configuration.registry.enforceQuota = enforceQuota ?? registry.enforceQuota
        configuration.registry.containerCheckInterval =
            containerCheckInterval ?? registry.containerCheckInterval
        configuration.registry.superDigest = superDigest
        configuration.registry.connect = ensemble
        return configuration
    }

    /// Where clients reach the servers: two or more are an ensemble, which is then served from.
    private mutating func findEnsemble() throws(ConfigurationError) {
        guard let first = servers.first else { return }
        guard servers.count > 1 else {
            notices.append(
                "\(file):\(first.line): a single server.N line is no ensemble and is ignored, "
                    + "as in ZooKeeper"
            )
            return
        }
        var hosts: [String] = []
        for server in servers {
            guard let port = server.port ?? port?.value else {
                throw ConfigurationError(
                    place: "\(file):\(server.line)",
                    key: "server.N",
                    message: "does not say where clients connect: add its client port behind a "
                        + "semicolon (;2181), or a line clientPort=2181"
                )
            }
            hosts.append("\(server.host):\(port)")
        }
        let text = hosts.joined(separator: ",")
        ensemble = text
        notices.append(
            "\(file):\(first.line): \(servers.count) servers are an ensemble: registry.connect is "
                + "\"\(text)\", and nothing is embedded"
        )
    }
}
