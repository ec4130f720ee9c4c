import Console
import DNSProtocol
import DNSServer
import Membership
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import ZooKeeperClient
import ZooKeeperServer

// MARK: What it says of itself

extension Daemon {
    func announce(_ facts: DaemonFacts) {
        let rows = [
            ("registry", facts.connect), ("dns", facts.dns),
            ("console", consoleURL.withLock { $0 }),
            ("control", facts.control),
        ]
        print("musterd \(Musterd.version)")
        for (name, value) in rows {
            print("  " + name + String(repeating: " ", count: 10 - name.count) + value)
        }
        print("ready")
        StandardStreams.flush()
    }

    func status(_ facts: DaemonFacts) -> [String: JSONValue] {
        let view = aggregator.view.snapshot()
        let session =
            switch aggregator.sessionState.snapshot() {
            case .connecting: "connecting"
            case .connected, .connectedReadOnly: "connected"
            case .suspended: "suspended"
            case .expired: "expired"
            case .authFailed: "refused"
            case .closed: "closed"
            }
        return facts.status(
            metrics,
            session: session,
            origins: answers.origins.snapshot().map(\.description),
            queries: names.queryCount,
            console: consoleURL.withLock { $0 },
            daemons: roster.withLock { $0 }?.entries.snapshot(),
            warnings: warnings(view)
        )
    }

    /// Why the registry's changes do not arrive, and for how long answers hold.
    func describeOutage(_ view: MembershipView) -> Outage {
        let (connect, maxStale) = current.withLock { ($0.registry.connect ?? "", $0.dns.maxStale) }
        var reason: String?
        if case .stale = view.freshness {
            reason =
                outage.withLock { $0 }
                ?? registry?.trouble.snapshot()
                ?? Self.reason(aggregator.sessionState.snapshot(), connect)
        }
        return Outage(at: EventLoop.unixNow(), maxStale: maxStale, reason: reason)
    }

    private static func reason(_ session: SessionState, _ connect: String) -> String {
        let name = connect.isEmpty ? "the registry" : "the registry (\(connect))"
        return switch session {
        case .connecting: "\(name) was not reached since the start"
        case .connected, .connectedReadOnly: "\(name) is being read"
        case .suspended: "\(name) is out of reach"
        case .expired: "the session with \(name) ended, and no other was granted yet"
        case .authFailed: "\(name) refuses a credential of registry.auth; mend it and start again"
        case .closed: "the session with \(name) is closed"
        }
    }

    /// What an operator should look at.
    func warnings(_ view: MembershipView) -> [String] {
        var warnings: [String] = []
        if let trouble = registry?.trouble.snapshot() { warnings.append(trouble) }
        switch view.freshness {
        case .live: break
        case .stale:
            let outage = describeOutage(view)
            let reason = outage.reason ?? "the registry is out of reach"
            warnings.append(
                (view.age(at: outage.time) ?? .zero) < outage.maxStale
                    ? "\(reason); answers are the last known ones"
                    : "\(reason), for longer than dns.maxStale, so live names are SERVFAIL"
            )
        case .notReady where registry == nil:
            let connect = current.withLock { $0.registry.connect ?? "" }
            warnings.append(
                "the registry (\(connect)) was never reached, so live names are SERVFAIL; "
                    + "the log says why, at the level info"
            )
        case .notReady: break
        }
        switch roster.withLock({ $0 })?.standing.snapshot() {
        case .failing(let code, _)?:
            let root = DaemonRoster.root
            warnings.append("\(root) refuses this daemon (\(code)); it sends all alerts")
        case .contended?:
            warnings.append("another daemon has this one's id (\(DaemonIdentity.name))")
        default: break
        }
        for fault in answers.faults.snapshot().prefix(Limits.warningsMax) {
            warnings.append("\(fault.service) has no DNS name: \(fault.reason)")
        }
        return warnings
    }

    func explain(_ name: String, _ type: String?) -> ConsoleSources.Explanation {
        guard let dnsName = try? DNSName(name) else {
            return .refused(
                message: "'\(name)' is no DNS name",
                advice: "labels have 1 to 63 bytes"
            )
        }
        guard let rrType = RRType(type ?? "A") else {
            return .refused(
                message: "'\(type ?? "")' is no record type",
                advice: "A, AAAA, SRV, TXT"
            )
        }
        let explainer = explainer.withLock { $0 }
        let view = aggregator.view.snapshot()
        return .lines(
            explainer.explain(dnsName, rrType, view: view, time: EventLoop.unixNow()).lines
        )
    }
}
