import Runtime
import ServiceModel
import ZooKeeperServer

/// Everything an operator can set, with the defaults that a daemon without a file has.
///
/// Step of the data flow: read once at the start (and by `--check`), then handed in parts to the
/// targets that need them. The table in `ConfigurationKeys.swift` says which key sets what.
struct Configuration: Equatable, Sendable {
    /// Where the tree lives.
    struct Registry: Equatable, Sendable {
        /// The embedded registry's address; port 0 takes any free one.
        var listen = Endpoint(address: .v4(0x7f00_0001), port: 2_181)
        /// Connect string of an ensemble; with it nothing is embedded.
        var connect: String?
        /// What the daemon's session with an ensemble shows, on every connection.
        var auth: [Credential] = []
        /// True: nothing is ever written into an ensemble's tree.
        var observe = false
        /// Path of a `zoo.cfg` that was read for the keys below.
        var zooCfg: String?
        /// Sets the bounds of session timeouts: 2 to 20 ticks.
        var tickTime = Duration.milliseconds(2_000)
        /// Shortest session timeout granted; nil for 2 ticks.
        var minSessionTimeout: Duration?
        /// Longest session timeout granted; nil for 20 ticks.
        var maxSessionTimeout: Duration?
        /// Connections in all.
        var connectionsMax = 10_000
        /// Connections of one address that is not loopback; 0 for no limit.
        var connectionsPerAddressMax = 60
        /// Longest request frame in bytes.
        var requestBytesMax = 0xfffff
        /// Which four-letter words are answered.
        var words = WordPolicy.allOnLoopback
        /// Hard limits of quotas refuse changes.
        var enforceQuota = false
        /// How often empty containers and old TTL znodes are looked for.
        var containerCheckInterval = Duration.seconds(60)
        /// Bytes of the log at which `tree.db` is brought forward.
        var foldBytes: Int?
        /// The superuser's digest, as ZooKeeper's `superDigest`.
        var superDigest: String?
        /// Timeout that the daemon's own session asks for.
        var sessionTimeout = Duration.seconds(10)
        /// Says aloud that anyone may register from other hosts.
        var allowAnonymous = false
        /// Roots of Dubbo trees.
        var dubboRoots = ["/dubbo"]
        /// Root of the domains.
        var ddnsRoot = "/DDNS"
    }

    /// A scheme and what proves who one is; texts made of it say the scheme only.
    struct Credential: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
        /// Such as `digest`.
        let scheme: String
        /// Such as `user:password`.
        let secret: String

        /// The scheme.
        var description: String { scheme + ":..." }
        /// Nothing, so that no dump shows the secret.
        var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// What is answered, and where.
    struct DNS: Equatable, Sendable {
        /// Address of UDP and TCP alike; port 0 takes any free one.
        var listen = Endpoint(address: .v4(0x7f00_0001), port: 1_053)
        /// Directories of `<origin>.zone` files, or files.
        var zones: [String] = []
        /// Zones that the view fills.
        var origins = ["muster.internal"]
        /// Zones that DDNS domains may stand in.
        var ddnsZones: [String] = []
        /// TTL of live records.
        var ttl = Duration.seconds(5)
        /// TTL of negative answers.
        var negativeTTL = Duration.seconds(1)
        /// Most seconds of a TTL while the registry is out of reach.
        var staleTTL = Duration.seconds(5)
        /// How long what was last known is answered while the registry is out of reach.
        var maxStale = Duration.seconds(86_400)
        /// UDP threads.
        var workers = 1
    }

    /// Where the page, the API and the metrics are.
    struct Console: Equatable, Sendable {
        /// Address of the HTTP port; port 0 takes any free one.
        var listen = Endpoint(address: .v4(0x7f00_0001), port: 8_053)
        /// Host names that requests may carry beside addresses and localhost.
        var hosts: [String] = []
    }

    /// Who is told of changes.
    struct Alerts: Equatable, Sendable {
        /// Each gets one POST an event.
        var webhooks: [String] = []
    }

    /// Where the tree lives.
    var registry = Registry()
    /// What is answered, and where.
    var dns = DNS()
    /// Where the page, the API and the metrics are.
    var console = Console()
    /// Who is told of changes.
    var alerts = Alerts()
    /// Least level that is logged.
    var logLevel = "info"
    /// What a `zoo.cfg` says that does not hold here, each with file and line.
    var notices: [String] = []
}

extension Configuration {
    /// Sections that differ and that only a start takes over.
    ///
    /// - Parameter old: What the daemon runs with.
    /// - Returns: Names of keys or sections.
    func keysForRestart(comparedTo old: Configuration) -> [String] {
        var keys: [String] = []
        let (new, former) = (registry, old.registry)
        if new.listen != former.listen { keys.append("registry.listen") }
        if new.connect != former.connect { keys.append("registry.connect") }
        if new.auth != former.auth { keys.append("registry.auth") }
        if new.observe != former.observe { keys.append("registry.observe") }
        if new.requestBytesMax != former.requestBytesMax { keys.append("registry.maxRequestBytes") }
        if new.foldBytes != former.foldBytes { keys.append("registry.foldBytes") }
        if new.sessionTimeout != former.sessionTimeout { keys.append("registry.sessionTimeout") }
        if new.dubboRoots != former.dubboRoots { keys.append("registry.dubboRoots") }
        if new.ddnsRoot != former.ddnsRoot { keys.append("registry.ddnsRoot") }
        if dns.listen != old.dns.listen { keys.append("dns.listen") }
        if dns.workers != old.dns.workers { keys.append("dns.workers") }
        if console != old.console { keys.append("console") }
        if alerts != old.alerts { keys.append("alerts") }
        return keys
    }
}

extension Configuration.Registry {
    /// The embedded registry's settings on one line, as `--check` shows them.
    var summary: String {
        let bounds = RegistryConfiguration(self).timeouts
        let address = connectionsPerAddressMax
        let words =
            switch words {
            case .allOnLoopback: "all on loopback, srvr elsewhere"
            case .all: "all"
            case .only(let words): words.union(["srvr"]).sorted().joined(separator: " ")
            }
        return "registry: \(listen), tick \(tickTime.milliseconds) ms, session timeouts "
            + "\(bounds.lowerBound.milliseconds) to \(bounds.upperBound.milliseconds) ms, "
            + "connections \(connectionsMax), \(address == 0 ? "no limit" : "\(address)") an "
            + "address, requests up to \(requestBytesMax) bytes, words: \(words)"
    }
}

extension RegistryConfiguration {
    /// The embedded registry that a configuration asks for.
    init(_ wanted: Configuration.Registry) {
        self.init(
            listen: SocketAddress(wanted.listen),
            tickTime: wanted.tickTime,
            minSessionTimeout: wanted.minSessionTimeout,
            maxSessionTimeout: wanted.maxSessionTimeout,
            requestBytesMax: wanted.requestBytesMax,
            connectionsMax: wanted.connectionsMax,
            connectionsPerAddressMax: wanted.connectionsPerAddressMax,
            superDigest: wanted.superDigest,
            words: wanted.words,
            enforceQuota: wanted.enforceQuota,
            reaperInterval: wanted.containerCheckInterval
        )
    }
}

/// A configuration that cannot be used: which file, where in it, which key, and why.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// Where the offending text stands: `file:line:column`, `--set`, or a file's path.
    let place: String
    /// The key's path, empty when the text as a whole is at fault.
    let key: String
    /// What is wrong, and what would be right.
    let message: String

    /// One line for the log: place, key, message.
    var description: String {
        key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
    }
}
