import Console
import Glibc
import Runtime
import ServiceModel
import Telemetry

/// What does not change while the daemon runs, and the sections of `/v1/status` made from it.
struct DaemonFacts: Sendable {
    /// `embedded` or `ensemble`.
    let mode: String
    /// Connect string for clients.
    let connect: String
    /// Address of UDP and TCP.
    let dns: String
    /// Path of the control socket.
    let control: String
    /// When the daemon started.
    let startedAt: UnixTime

    /// What other daemons are told.
    ///
    /// - Parameters:
    ///   - console: URL of the console, empty for none.
    ///   - webhooks: How many it calls.
    /// - Returns: The data of its znode.
    func entry(console: String, webhooks: Int) -> DaemonEntry.Facts {
        DaemonEntry.Facts(
            host: ProcessFacts.current().hostName,
            pid: Int(getpid()),
            dns: dns,
            console: console,
            version: Musterd.version,
            startedAt: Timestamp(unixMilliseconds: startedAt.milliseconds).text,
            webhooks: webhooks
        )
    }

    /// The sections of `/v1/status` beside the view's.
    ///
    /// - Parameters:
    ///   - metrics: Where the registry keeps its figures.
    ///   - session: State of the daemon's own session.
    ///   - origins: The zones, with final dots.
    ///   - queries: DNS messages received.
    ///   - console: URL of the console.
    ///   - daemons: All that serve from the ensemble; nil where nothing is shared.
    ///   - warnings: What wants somebody's attention.
    /// - Returns: Sections by name.
    func status(
        _ metrics: MetricsRegistry,
        session: String,
        origins: [String],
        queries: Int,
        console: String,
        daemons: [DaemonEntry]?,
        warnings: [String]
    ) -> [String: JSONValue] {
        var registry: [String: JSONValue] = [
            "mode": .string(mode), "connect": .string(connect), "session": .string(session),
        ]
        if mode == "embedded" {
            for name in ["connections", "sessions", "znodes", "watches"] {
                let gauge = metrics.gauge("muster_registry_\(name)", help: "")
                registry[name] = .integer(Int64(gauge.value))
            }
        }
        var sections: [String: JSONValue] = [
            "daemon": [
                "pid": .integer(Int64(getpid())), "version": .string(Musterd.version),
                "startedAt": .string(Timestamp(unixMilliseconds: startedAt.milliseconds).text),
            ],
            "registry": .object(registry),
            "dns": [
                "listen": .string(dns), "zones": .array(origins.map { .string($0) }),
                "queries": .integer(Int64(queries)),
            ],
            "console": .string(console),
            "control": .string(control),
            "warnings": .array(warnings.map { .string($0) }),
        ]
        sections["daemons"] = daemons.map { .array($0.map(\.value)) }
        return sections
    }
}
