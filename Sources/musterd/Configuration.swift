import ServiceModel

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
        /// Sets the bounds of session timeouts: 2 to 20 ticks.
        var tickTime = Duration.milliseconds(2_000)
        /// Timeout that the daemon's own session asks for.
        var sessionTimeout = Duration.seconds(10)
        /// Says aloud that anyone may register from other hosts.
        var allowAnonymous = false
        /// Roots of Dubbo trees.
        var dubboRoots = ["/dubbo"]
        /// Root of the domains.
        var ddnsRoot = "/DDNS"
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
}

extension Configuration {
    /// Sections that differ and that only a start takes over.
    ///
    /// - Parameter old: What the daemon runs with.
    /// - Returns: Names of keys or sections.
    func keysForRestart(comparedTo old: Configuration) -> [String] {
        var keys: [String] = []
        if registry != old.registry { keys.append("registry") }
        if dns.listen != old.dns.listen { keys.append("dns.listen") }
        if dns.workers != old.dns.workers { keys.append("dns.workers") }
        if console != old.console { keys.append("console") }
        if alerts != old.alerts { keys.append("alerts") }
        return keys
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
