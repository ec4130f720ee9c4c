import ServiceModel
import YAML
import ZooKeeperClient
import ZooKeeperServer

/// The keys below `registry`.
extension ConfigurationKeys {
    /// Bounds of a tick; session timeouts are counted in it.
    static let tickMilliseconds = 50...60_000
    /// Bounds of what is granted as a session timeout, up to a day.
    static let timeoutMilliseconds = 1...86_400_000
    /// Bounds of a request frame, up to 64 MiB.
    static let requestBytes = 1_024...0xfffff * 64
    /// Most connections that can be asked for; the process' descriptors end before.
    static let connectionsMax = 1_000_000

    /// Bounds of what a start has to replay, 64 KiB to 1 GiB.
    static let foldBytes = 1 << 16...1 << 30

    /// Bounds of the time between two looks for containers and TTL znodes, up to a day.
    static let checkMilliseconds = 10...86_400_000

    /// Where the tree is and who reads it.
    static let registry: [ConfigurationKey] = [
        .init(path: "registry.listen", help: "address of the embedded registry (127.0.0.1:2181)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            configuration.registry.listen = try node.requireListenAddress()
        },
        .init(
            path: "registry.connect",
            help: "an ensemble instead: zk1:2181,zk2:2181,zk3:2181/chroot"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let text = try node.requireText()
            do throws(ZooKeeperError) {
                _ = try SessionConfiguration(connectString: text)
            } catch {
                throw .init(
                    message: "takes zk1:2181,zk2:2181,zk3:2181/chroot (\(error)); "
                        + "without the key the registry is the daemon's own"
                )
            }
            configuration.registry.connect = text
        },
        .init(
            path: "registry.zooCfg",
            help: "an existing zoo.cfg: its settings hold where no registry key is given, and "
                + "several server.N lines are an ensemble to connect to"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let text = try node.requireText()
            configuration.registry.zooCfg = text.isEmpty ? nil : text
        },
        .init(
            path: "registry.auth",
            help: "credentials for an ensemble, SCHEME:CREDENTIAL each: [digest:user:password] ([])"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.auth = try node.requireCredentials()
        },
        .init(
            path: "registry.observe",
            help: "true: write nothing into an ensemble's tree, and share no work (false)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.observe = try node.requireBoolean()
        },
        .init(
            path: "registry.sessionTimeout",
            help: "milliseconds that the daemon's own session asks for (10000)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let wanted = try node.requireInteger(100...3_600_000, "milliseconds")
            configuration.registry.sessionTimeout = .milliseconds(wanted)
        },
        .init(
            path: "registry.allowAnonymous",
            help: "true: a registry that other hosts reach needs no authentication (false)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.allowAnonymous = try node.requireBoolean()
        },
        .init(path: "registry.dubboRoots", help: "roots of Dubbo trees ([/dubbo])") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            let roots = try node.requireTexts()
            for root in roots { try requirePath(root) }
            configuration.registry.dubboRoots = roots
        },
        .init(path: "registry.ddnsRoot", help: "root of the DDNS domains (/DDNS)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            let root = try node.requireText()
            try requirePath(root)
            configuration.registry.ddnsRoot = root
        },
    ]

    /// How the embedded registry treats its clients, as ZooKeeper's own configuration does.
    static let embedded: [ConfigurationKey] = [
        .init(path: "registry.tickTime", help: "milliseconds; session timeouts are 2 to 20 (2000)")
        {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            let ticks = try node.requireInteger(tickMilliseconds, "milliseconds")
            configuration.registry.tickTime = .milliseconds(ticks)
        },
        .init(
            path: "registry.minSessionTimeout",
            help: "milliseconds; shortest timeout granted (2 ticks)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let least = try node.requireInteger(timeoutMilliseconds, "milliseconds")
            configuration.registry.minSessionTimeout = .milliseconds(least)
        },
        .init(
            path: "registry.maxSessionTimeout",
            help: "milliseconds; longest timeout granted (20 ticks)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let most = try node.requireInteger(timeoutMilliseconds, "milliseconds")
            configuration.registry.maxSessionTimeout = .milliseconds(most)
        },
        .init(path: "registry.maxConnections", help: "connections in all (10000)") {
            configuration,
            node throws(ConfigurationKey.Refusal) in
            let most = try node.requireInteger(1...connectionsMax, "connections")
            configuration.registry.connectionsMax = most
        },
        .init(
            path: "registry.maxConnectionsPerAddress",
            help: "connections of one address that is not loopback, 0 for no limit (60)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let most = try node.requireInteger(0...connectionsMax, "connections")
            configuration.registry.connectionsPerAddressMax = most
        },
        .init(
            path: "registry.maxRequestBytes",
            help: "longest request, ZooKeeper's jute.maxbuffer (1048575)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.requestBytesMax = try node.requireInteger(requestBytes, "bytes")
        },
        .init(
            path: "registry.words",
            help: "four-letter words that are answered: \"*\" or a list such as [ruok, mntr]; "
                + "srvr always is (all on loopback, srvr elsewhere)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.words = try node.requireWords()
        },
        .init(
            path: "registry.enforceQuota",
            help: "true: hard limits of quotas refuse changes; else they only warn (false)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.enforceQuota = try node.requireBoolean()
        },
        .init(
            path: "registry.containerCheckInterval",
            help: "milliseconds between looks for empty containers and old TTL znodes (60000)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let interval = try node.requireInteger(checkMilliseconds, "milliseconds")
            configuration.registry.containerCheckInterval = .milliseconds(interval)
        },
        .init(
            path: "registry.foldBytes",
            help: "bytes of the log at which tree.db is brought forward (67108864)"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            configuration.registry.foldBytes = try node.requireInteger(foldBytes, "bytes")
        },
        .init(
            path: "registry.superDigest",
            help: "super:BASE64 of SHA-1 of super:PASSWORD; who shows it passes all access lists"
        ) { configuration, node throws(ConfigurationKey.Refusal) in
            let text = try node.requireText()
            configuration.registry.superDigest = text.isEmpty ? nil : text
        },
    ]

    private static func requirePath(_ path: String) throws(ConfigurationKey.Refusal) {
        guard path.hasPrefix("/"), path.count > 1, !path.hasSuffix("/"), !path.contains("//") else {
            throw .init(message: "takes an absolute znode path such as /dubbo, not '\(path)'")
        }
    }
}

extension YAMLNode {
    /// Pairs of a scheme and a credential; a refusal shows neither.
    fileprivate func requireCredentials()
        throws(ConfigurationKey.Refusal) -> [Configuration.Credential]
    {
        let texts = try requireTexts()
        guard texts.count <= Limits.credentialsMax else {
            throw .init(message: "takes at most \(Limits.credentialsMax), not \(texts.count)")
        }
        var credentials: [Configuration.Credential] = []
        for (index, text) in texts.enumerated() {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, !text.hasPrefix(":") else {
                throw .init(
                    message: "credential \(index + 1) is not SCHEME:CREDENTIAL, such as "
                        + "digest:user:password"
                )
            }
            credentials.append(.init(scheme: String(parts[0]), secret: String(parts[1])))
        }
        return credentials
    }

    /// `*`, or words in a list or apart by commas.
    fileprivate func requireWords() throws(ConfigurationKey.Refusal) -> WordPolicy {
        let texts = try requireTexts().flatMap { $0.split { $0 == "," || $0 == " " } }
        let words = texts.map(String.init)
        guard !words.contains("*") else { return .all }
        for word in words where !WordPolicy.known.contains(word) {
            let known = WordPolicy.known.joined(separator: ", ")
            throw .init(message: "there is no word '\(word)'; there are \(known)")
        }
        return .only(Set(words))
    }
}
