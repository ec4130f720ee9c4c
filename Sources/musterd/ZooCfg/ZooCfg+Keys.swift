import ServiceModel
import ZooKeeperConfiguration
import ZooKeeperServer

/// The keys of a `zoo.cfg` (ZooKeeper 3.8 QuorumPeerConfig): taken, ignored with a notice, or refused.
extension ZooCfg {
    mutating func take(_ entry: JavaProperties.Entry) throws(ConfigurationKey.Refusal) {
        let value = entry.value
        switch entry.key {
        case "tickTime":
            let bounds = ConfigurationKeys.tickMilliseconds
            tickTime = .milliseconds(try number(value, in: bounds, "milliseconds"))
        case "minSessionTimeout": minSessionTimeout = try timeout(value)
        case "maxSessionTimeout": maxSessionTimeout = try timeout(value)
        case "clientPort":
            port = (UInt16(try number(value, in: 1...65_535, "a port")), entry.line)
        case "clientPortAddress": address = try localAddress(value)
        case "maxClientCnxns":
            let bounds = Int(Int32.min)...ConfigurationKeys.connectionsMax
            connectionsPerAddressMax = max(0, try number(value, in: bounds, "connections"))
        case "maxCnxns":
            let wanted = try number(value, in: 0...ConfigurationKeys.connectionsMax, "connections")
            if wanted > 0 { connectionsMax = wanted }
        case "jute.maxbuffer":
            requestBytesMax = try number(value, in: ConfigurationKeys.requestBytes, "bytes")
        case "4lw.commands.whitelist": words = whitelist(entry)
        case "enforceQuota": enforceQuota = try boolean(value)
        case "znode.container.checkIntervalMs":
            let bounds = ConfigurationKeys.checkMilliseconds
            containerCheckInterval = .milliseconds(try number(value, in: bounds, "milliseconds"))
        case "DigestAuthenticationProvider.superDigest",
            "zookeeper.DigestAuthenticationProvider.superDigest", "superDigest":
            guard !value.isEmpty else { throw .init(message: "takes super:DIGEST, not nothing") }
            superDigest = value
        case "extendedTypesEnabled":
            if try !boolean(value) { note(entry, "TTL znodes are served all the same") }
        case let key where key.hasPrefix("server."): try takeServer(entry)
        default: try takeUnused(entry)
        }
    }

    /// Keys of things that the registry has in no form, or in another.
    private mutating func takeUnused(
        _ entry: JavaProperties.Entry
    ) throws(ConfigurationKey.Refusal) {
        switch entry.key {
        case "dataDir", "dataLogDir":
            note(
                entry,
                "nothing in it is read or written: the registry keeps its files below --data; "
                    + "muster server import --from HOST:PORT brings the tree over"
            )
        case "initLimit", "syncLimit", "electionAlg", "cnxTimeout", "leaderServes", "peerType",
            "quorumListenOnAllIPs", "syncEnabled", "standaloneEnabled", "reconfigEnabled",
            "connectToLearnerMasterLimit", "observerMasterPort", "localSessionsEnabled",
            "localSessionsUpgradingEnabled", "tcpKeepAlive":
            note(entry, "ignored: it is for servers of an ensemble")
        case "snapCount", "preAllocSize", "forceSync", "fsync.warningthresholdms",
            "snapSizeLimitInKb", "commitLogCount", "snapshot.trust.empty",
            "snapshot.compression.method":
            note(entry, "ignored: it is for ZooKeeper's files")
        case let key where key.hasPrefix("autopurge."):
            note(entry, "ignored: there are no snapshots to purge")
        case let key where key.hasPrefix("admin."):
            note(entry, "ignored: there is no AdminServer; musterd's console is console.listen")
        case let key where key.hasPrefix("metricsProvider."):
            note(entry, "ignored: musterd's metrics are at /metrics of console.listen")
        case "secureClientPort":
            secureLine = entry.line
            note(entry, "ignored: the registry does not speak TLS, and does not listen there")
        case let key where key.hasPrefix("secureClientPort") || key.hasPrefix("ssl."):
            note(entry, "ignored: the registry does not speak TLS, and does not listen there")
        case "sessionRequireClientSASLAuth", "enforce.auth.enabled", "requireClientAuthScheme":
            guard entry.value.lowercased() != "false" else { return }
            throw .init(
                message: "lets in only clients that log in, which the registry cannot ask for: "
                    + "anyone would be let in; remove the line if that is meant"
            )
        case "skipACL": note(entry, "ignored: access lists are always obeyed")
        case "dynamicConfigFile":
            throw .init(
                message: "'\(entry.value)' names the servers of an ensemble, which change while it "
                    + "runs; write, in place of registry.zooCfg, "
                    + "registry.connect: \"HOST:2181,HOST:2181,HOST:2181\" with its client ports"
            )
        case let key where key.hasPrefix("group.") || key.hasPrefix("weight."):
            note(entry, "ignored: it is for servers of an ensemble")
        default: note(entry, "ignored: the registry has no such key")
        }
    }

    private mutating func takeServer(
        _ entry: JavaProperties.Entry
    ) throws(ConfigurationKey.Refusal) {
        do throws(ServerLine.Fault) {
            let line = try ServerLine(key: entry.key, value: entry.value)
            // The address of all addresses is none to connect to.
            let own = line.clientHost.flatMap { IPAddress($0)?.isUnspecified == true ? nil : $0 }
            servers.append((entry.line, own ?? line.addresses[0].host, line.clientPort))
        } catch {
            throw .init(message: error.message)
        }
    }

    // MARK: Values

    /// Whole numbers as Java reads them: decimal digits with a sign.
    private func number(
        _ text: String,
        in range: ClosedRange<Int>,
        _ unit: String
    ) throws(ConfigurationKey.Refusal) -> Int {
        let isHexadecimal = text.hasPrefix("0x")
        let digits = isHexadecimal ? String(text.dropFirst(2)) : text
        guard let number = Int(digits, radix: isHexadecimal ? 16 : 10), range.contains(number)
        else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw .init(message: "takes \(unit), a whole number from \(bounds), not '\(text)'")
        }
        return number
    }

    /// -1 stands for the default.
    private func timeout(_ text: String) throws(ConfigurationKey.Refusal) -> Duration? {
        guard text != "-1" else { return nil }
        let bounds = ConfigurationKeys.timeoutMilliseconds
        return .milliseconds(try number(text, in: bounds, "milliseconds"))
    }

    private func boolean(_ text: String) throws(ConfigurationKey.Refusal) -> Bool {
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .init(message: "takes true or false, not '\(text)'")
        }
    }

    private func localAddress(_ text: String) throws(ConfigurationKey.Refusal) -> IPAddress {
        if text == "localhost" { return .v4(0x7f00_0001) }
        guard let address = IPAddress(text) else {
            throw .init(message: "takes an IP address such as 127.0.0.1, not '\(text)'")
        }
        return address
    }

    /// Words as ZooKeeper takes them; unknown ones allow nothing there either.
    private mutating func whitelist(_ entry: JavaProperties.Entry) -> WordPolicy {
        let words = entry.value.split(separator: ",").map {
            String($0.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
        }.filter { !$0.isEmpty }
        guard !words.contains("*") else { return .all }
        let unknown = words.filter { !WordPolicy.known.contains($0) }
        if !unknown.isEmpty { note(entry, "no such words: \(unknown.joined(separator: ", "))") }
        return .only(Set(words).subtracting(unknown))
    }
}
