import Runtime
import ServiceModel
import ZNodeTree
import ZooKeeperProtocol

/// The word `mntr`: ZooKeeper 3.8's keys that mean something here, each with its real value.
extension ServerEngine {
    func monitorText(at now: Instant) -> String {
        let rows = gauges(at: now) + quotaRows + counters + watcherRows + latencyRows
        return rows.map { "zk_\($0.0)\t\($0.1)\n" }.joined() + "\n"
    }

    private func gauges(at now: Instant) -> [(String, String)] {
        let latency = statistics.latency
        let uptime = (now - (startedAt ?? now)).milliseconds
        var rows: [(String, String)] = [
            ("version", version),
            ("server_state", "standalone"),
            ("ephemerals_count", "\(tree.ephemeralNodeCount)"),
            ("num_alive_connections", "\(connections.count)"),
            ("avg_latency", "\(latency.average)"),
            ("outstanding_requests", "\(gate.heldCount)"),
            ("znode_count", "\(shownNodeCount)"),
            ("global_sessions", "\(tree.sessionCount)"),
            ("last_client_response_size", "\(statistics.responseSize.last)"),
            ("packets_sent", "\(statistics.sent)"),
            ("packets_received", "\(statistics.received)"),
            ("max_client_response_size", "\(statistics.responseSize.max)"),
            ("watch_count", "\(tree.watchCount)"),
            ("min_latency", "\(latency.min)"),
            ("approximate_data_size", "\(tree.approximateDataSize)"),
            ("local_sessions", "0"),
            ("uptime", "\(uptime)"),
            ("max_latency", "\(latency.max)"),
            ("min_client_response_size", "\(statistics.responseSize.min)"),
        ]
        if let descriptors = settings.descriptors() {
            rows.append(("open_file_descriptor_count", "\(descriptors.open)"))
            rows.append(("max_file_descriptor_count", "\(descriptors.max)"))
        }
        return rows
    }

    private var counters: [(String, String)] {
        [
            ("watch_bytes", statistics.eventBytes),
            ("connection_rejected", statistics.refusals),
            ("sessionless_connections_expired", statistics.sessionless),
            ("bytes_received_count", statistics.bytesReceived),
            ("connection_request_count", statistics.handshakes),
            ("connection_revalidate_count", statistics.resumptions),
            ("response_bytes", statistics.responseBytes),
            ("stale_sessions_expired", statistics.expired),
        ].map { ($0.0, "\($0.1)") }
    }

    private var watcherRows: [(String, String)] {
        let names: [(WatchEvent.Kind, String)] = [
            (.nodeCreated, "node_created_watch_count"),
            (.nodeDeleted, "node_deleted_watch_count"),
            (.nodeChildrenChanged, "node_children_watch_count"),
            (.nodeDataChanged, "node_changed_watch_count"),
        ]
        return names.flatMap { Self.rows($1, statistics.watchers[$0] ?? Summary()) }
    }

    private var latencyRows: [(String, String)] {
        let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)]
        return [("updatelatency", statistics.updates), ("readlatency", statistics.reads)].flatMap {
            name,
            latencies in
            Self.rows(name, latencies.summary)
                + shares.map { ("\($0.0)_\(name)", "\(latencies.percentile($0.1))") }
        }
    }

    private static func rows(_ name: String, _ summary: Summary) -> [(String, String)] {
        [
            ("avg_\(name)", "\(summary.average)"), ("min_\(name)", "\(summary.min)"),
            ("max_\(name)", "\(summary.max)"), ("cnt_\(name)", "\(summary.count)"),
            ("sum_\(name)", "\(summary.sum)"),
        ]
    }

    /// Limits and use of the quotas below each child of the root (ZooKeeper 3.8 QuotaMetricsUtils).
    private var quotaRows: [(String, String)] {
        var sums: [String: Int] = [:]
        for (path, text) in tree.quotaTexts(nodesMax: Limits.quotaNodesShownMax) {
            let names = path.split(separator: "/")
            guard names.count > 1, let top = names.first else { continue }
            let figures = QuotaText(text)
            switch names.last {
            case "zookeeper_limits":
                let (count, bytes) = (figures.countLimit, figures.bytesLimit)
                if count > -1 { sums["\(top)_quota_count_limit", default: 0] += count }
                if bytes > -1 { sums["\(top)_quota_bytes_limit", default: 0] += bytes }
            case "zookeeper_stats":
                sums["\(top)_quota_count_usage", default: 0] += max(0, figures.count)
                sums["\(top)_quota_bytes_usage", default: 0] += max(0, figures.bytes)
            default: continue
            }
        }
        return sums.sorted { $0.key < $1.key }.map { ("\($0.key)_per_namespace", "\($0.value)") }
    }
}

/// The data of a quota's nodes: `count=1,bytes=2=;byteHardLimit=3;countHardLimit=4`; -1 for no limit.
struct QuotaText {
    private(set) var count = -1
    private(set) var bytes = -1
    private var countHardLimit = -1
    private var bytesHardLimit = -1

    init(_ text: String) {
        for part in text.split(whereSeparator: { ",;".contains($0) }) {
            let pair = part.split(separator: "=")
            // So many of them as are looked at have a sum; the least of all numbers has no opposite.
            guard pair.count == 2, let number = Int(pair[1]),
                number.magnitude <= UInt(Int32.max) << 20
            else { continue }
            switch pair[0] {
            case "count": count = number
            case "bytes": bytes = number
            case "countHardLimit": countHardLimit = number
            case "byteHardLimit": bytesHardLimit = number
            default: continue
            }
        }
    }

    /// The hard limit, where there is one.
    var countLimit: Int { countHardLimit > -1 ? countHardLimit : count }
    /// The hard limit, where there is one.
    var bytesLimit: Int { bytesHardLimit > -1 ? bytesHardLimit : bytes }
}
