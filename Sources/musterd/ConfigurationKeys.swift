import Telemetry

/// Every key there is.
///
/// A key that is not here is refused; the help text is made from the same list.
enum ConfigurationKeys {
    /// All keys, in the order of the help text.
    static let all = registry + embedded + dns + console + alerts + log

    private static let dns: [ConfigurationKey] = [
        .init(path: "dns.listen", help: "address of UDP and TCP (127.0.0.1:1053)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.listen = try node.requireListenAddress()
        },
        .init(path: "dns.zones", help: "directory of <origin>.zone files, or a list of files ([])")
        {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.zones = try node.requireTexts()
        },
        .init(path: "dns.origins", help: "zones filled from the registry ([muster.internal])") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.origins = try node.requireTexts()
        },
        .init(path: "dns.ddnsZones", help: "zones that DDNS domains may stand in ([])") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.ddnsZones = try node.requireTexts()
        },
        .init(path: "dns.ttl", help: "seconds that live answers may be cached (5)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.ttl = .seconds(try node.requireInteger(0...86_400, "seconds"))
        },
        .init(path: "dns.negativeTTL", help: "seconds that negative answers may be cached (1)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.negativeTTL = .seconds(try node.requireInteger(0...86_400, "seconds"))
        },
        .init(
            path: "dns.staleTTL",
            help: "most seconds of a TTL while the registry is out of reach (5)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.dns.staleTTL = .seconds(try node.requireInteger(0...86_400, "seconds"))
        },
        .init(
            path: "dns.maxStale",
            help: "seconds of an outage in which the last known answers hold (86400)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let most = try node.requireInteger(0...31_536_000, "seconds")
            configuration.dns.maxStale = .seconds(most)
        },
        .init(path: "dns.workers", help: "UDP threads, 1 to 32 (1)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.dns.workers = try node.requireInteger(1...32, "threads")
        },
    ]

    private static let console: [ConfigurationKey] = [
        .init(path: "console.listen", help: "address of API, events and metrics (127.0.0.1:8053)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.console.listen = try node.requireListenAddress()
        },
        .init(path: "console.hosts", help: "host names that requests may carry ([])") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.console.hosts = try node.requireTexts()
        },
    ]

    private static let alerts: [ConfigurationKey] = [
        .init(path: "alerts.webhooks", help: "URLs that get one POST an event ([])") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            let urls = try node.requireTexts()
            for url in urls where !url.hasPrefix("http://") && !url.hasPrefix("https://") {
                throw .init(message: "takes http:// or https:// URLs, not '\(url)'")
            }
            configuration.alerts.webhooks = urls
        }
    ]

    private static let log: [ConfigurationKey] = [
        .init(path: "log.level", help: "debug, info, notice, warning or error (info)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            let level = try node.requireText()
            guard Log.Level(level) != nil else {
                throw .init(
                    message: "takes debug, info, notice, warning or error, not '\(level)'"
                )
            }
            configuration.logLevel = level
        }
    ]
}
