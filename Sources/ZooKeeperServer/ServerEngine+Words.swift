import Runtime
import ServiceModel
import ZNodeTree

/// The answers to four-letter words, in ZooKeeper 3.8's form (server/command/*.java).
extension ServerEngine {
    /// What ZooKeeper this one is taken for; kazoo reads the number from `envi`.
    static let version = "3.8.0-muster, built on 2024-01-01 00:00 UTC"

    /// The answer to one word; from elsewhere than this machine only `srvr` gets one.
    mutating func answer(to number: UInt32, on connection: Connection) -> String {
        guard let word = FourLetterWord(number: number) else { return "" }
        statistics.received += 1
        connection.received += 1
        guard connection.peer?.ip.isLoopback ?? true || word == .srvr else {
            return "\(word.rawValue) is not executed because it is not in the whitelist.\n"
        }
        switch word {
        case .ruok: return "imok"
        case .isro: return "rw"
        case .srvr: return head + "\n" + summary
        case .stat: return head + "\nClients:\n" + clients(detailed: false) + "\n" + summary
        case .cons: return clients(detailed: true) + "\n"
        case .envi: return "Environment:\nzookeeper.version=\(Self.version)\nhost.name=localhost\n"
        case .conf: return configuration
        case .mntr: return monitor
        case .dump: return dump
        case .wchs:
            let paths = tree.watchedDataPathCount
            return "\(tree.dataWatcherCount) connections watching \(paths) paths\n"
                + "Total watches:\(tree.dataWatchCount)\n"
        case .srst:
            statistics = Statistics()
            return "Server stats reset.\n"
        case .crst:
            for other in connections.values { (other.received, other.sent) = (0, 0) }
            return "Connection stats reset.\n"
        }
    }

    /// ZooKeeper files the root under two paths, and counts it twice.
    private var shownNodeCount: Int { tree.nodeCount + 1 }

    private var head: String { "Zookeeper version: \(Self.version)" }

    private var summary: String {
        let latency = statistics.latencies
        return """
            Latency min/avg/max: \(latency.min)/\(latency.average)/\(latency.max)
            Received: \(statistics.received)
            Sent: \(statistics.sent)
            Connections: \(connections.count)
            Outstanding: \(gate.heldCount)
            Zxid: 0x\(String(tree.lastZxid, radix: 16))
            Mode: standalone
            Node count: \(shownNodeCount)

            """
    }

    private func clients(detailed: Bool) -> String {
        connections.values.sorted { $0.id < $1.id }.map { connection in
            var line = " \(connection.peerText)[0](queued=\(gate.heldCount(of: connection.id))"
            line += ",recved=\(connection.received),sent=\(connection.sent)"
            if detailed, let id = connection.session, let session = tree.session(id) {
                line += ",sid=0x\(String(id, radix: 16)),to=\(session.timeout.milliseconds)"
            }
            return line + ")\n"
        }.joined()
    }

    private var configuration: String {
        """
        clientPort=\(settings.port)
        secureClientPort=-1
        dataDir=
        dataDirSize=0
        dataLogDir=
        dataLogSize=0
        tickTime=\(settings.tickTime.milliseconds)
        maxClientCnxns=\(settings.connectionsPerAddressMax)
        minSessionTimeout=\(settings.timeouts.lowerBound.milliseconds)
        maxSessionTimeout=\(settings.timeouts.upperBound.milliseconds)
        clientPortListenBacklog=-1
        serverId=0

        """
    }

    private var monitor: String {
        let latency = statistics.latencies
        let values: [(String, String)] = [
            ("version", Self.version),
            ("server_state", "standalone"),
            ("avg_latency", "\(latency.average)"),
            ("max_latency", "\(latency.max)"),
            ("min_latency", "\(latency.min)"),
            ("packets_received", "\(statistics.received)"),
            ("packets_sent", "\(statistics.sent)"),
            ("num_alive_connections", "\(connections.count)"),
            ("outstanding_requests", "\(gate.heldCount)"),
            ("znode_count", "\(shownNodeCount)"),
            ("watch_count", "\(tree.watchCount)"),
            ("ephemerals_count", "\(tree.ephemeralNodeCount)"),
            ("approximate_data_size", "\(tree.approximateDataSize)"),
            ("global_sessions", "\(tree.sessionCount)"),
        ]
        return values.map { "zk_\($0.0)\t\($0.1)\n" }.joined()
    }

    private var dump: String {
        let sessions = tree.sessionSummaries
        let owners = sessions.filter { $0.ephemeralCount > 0 }
        var text = "SessionTracker dump:\nSession Sets (\(sessions.count))/(\(sessions.count)):\n"
        for session in sessions { text += "\t0x\(String(session.id, radix: 16))\n" }
        text += "ephemeral nodes dump:\nSessions with Ephemerals (\(owners.count)):\n"
        for session in owners {
            text += "0x\(String(session.id, radix: 16)):\n"
            for path in tree.ephemerals(of: session.id) { text += "\t\(path)\n" }
        }
        return text
    }
}
