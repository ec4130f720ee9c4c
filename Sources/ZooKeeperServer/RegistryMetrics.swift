import Telemetry

/// The registry's figures as `/metrics` shows them; set once per wake-up.
struct RegistryMetrics {
    private let zxid: Gauge
    private let sessions: Gauge
    private let connections: Gauge
    private let znodes: Gauge
    private let ephemerals: Gauge
    private let watches: Gauge
    private let dataBytes: Gauge
    private let received: Counter
    private let sent: Counter
    private let expired: Counter
    private let quotaExcesses: Counter
    private let reaped: Counter
    private let logBytes: Counter
    private let syncs: Histogram

    init(_ metrics: MetricsRegistry) {
        zxid = metrics.gauge("muster_registry_zxid", help: "zxid of the last change.")
        sessions = metrics.gauge("muster_registry_sessions", help: "Sessions alive.")
        connections = metrics.gauge("muster_registry_connections", help: "Open connections.")
        znodes = metrics.gauge("muster_registry_znodes", help: "Nodes in the tree.")
        ephemerals = metrics.gauge("muster_registry_ephemerals", help: "Ephemeral nodes.")
        watches = metrics.gauge("muster_registry_watches", help: "Watches set.")
        dataBytes = metrics.gauge("muster_registry_data_bytes", help: "Bytes of data and paths.")
        received = metrics.counter(
            "muster_registry_requests_total",
            help: "Requests received."
        )
        sent = metrics.counter(
            "muster_registry_replies_total",
            help: "Replies and events sent."
        )
        expired = metrics.counter(
            "muster_registry_expired_sessions_total",
            help: "Sessions that expired."
        )
        quotaExcesses = metrics.counter(
            "muster_registry_quota_excesses_total",
            help: "Changes that went beyond a quota, refused or not."
        )
        reaped = metrics.counter(
            "muster_registry_reaped_znodes_total",
            help: "Empty containers and unused TTL nodes deleted."
        )
        logBytes = metrics.counter(
            "muster_registry_log_bytes_total",
            help: "Bytes of changes made durable."
        )
        syncs = metrics.histogram(
            "muster_registry_sync_seconds",
            help: "Time for a batch of changes to be written and synced."
        )
    }

    /// A batch of changes is durable.
    func synced(after time: Duration, written: Int) {
        syncs.observe(time)
        logBytes.add(written - logBytes.value)
    }

    func update(_ status: RegistryStatus) {
        zxid.set(Int(status.zxid))
        sessions.set(status.sessions)
        connections.set(status.connections)
        znodes.set(status.znodes)
        ephemerals.set(status.ephemerals)
        watches.set(status.watches)
        dataBytes.set(status.dataBytes)
        received.add(status.received - received.value)
        sent.add(status.sent - sent.value)
        expired.add(status.expired - expired.value)
        quotaExcesses.add(status.quotaExcesses - quotaExcesses.value)
        reaped.add(status.reaped - reaped.value)
    }
}
