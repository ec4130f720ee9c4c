import ServiceModel
import Telemetry
import ZooKeeperProtocol

// What follows from the facts.
extension TreeAudit {
    /// An earlier look at the same tree.
    struct Earlier: Sendable {
        /// By path.
        let lists: [String: List]
        let time: UnixTime
    }

    /// Everything that was found, by kind and then by path.
    ///
    /// - Parameters:
    ///   - orphans: Ephemerals that are certainly without a session.
    ///   - knocks: What came of the connections that were tried.
    ///   - earlier: An earlier look, to tell how fast lists grow.
    ///   - now: The time of this one.
    /// - Returns: Findings; empty for a tree that is in order.
    func findings(
        orphans: [Ephemeral] = [],
        knocks: [Endpoint: Knock] = [:],
        earlier: Earlier? = nil,
        now: UnixTime
    ) -> [AuditFinding] {
        let all =
            orphanFindings(orphans) + sharedFindings + needFindings + knockFindings(knocks) + direct
            + listFindings(since: earlier, now: now)
        let order = AuditFinding.Kind.allCases
        return all.enumerated().sorted { left, right in
            let ranks = [left, right].map { order.firstIndex(of: $0.element.kind) ?? 0 }
            return (ranks[0], left.element.path, left.offset)
                < (ranks[1], right.element.path, right.offset)
        }.map(\.element)
    }

    private func orphanFindings(_ orphans: [Ephemeral]) -> [AuditFinding] {
        let known = Dictionary(grouping: holders, by: \.path)
        return orphans.map { orphan in
            let holder = known[orphan.path]?.first
            let time = Timestamp(unixMilliseconds: orphan.ctime.milliseconds).text
            return AuditFinding(
                kind: .ownerGone,
                path: orphan.path,
                service: holder?.service.name,
                endpoint: holder?.endpoint.description,
                session: Self.hex(orphan.owner),
                message: "session \(Self.hex(orphan.owner)) is gone; made at \(time)"
            )
        }
    }

    /// An address that providers of several sessions announce, of one service or of several.
    private var sharedFindings: [AuditFinding] {
        let byEndpoint = Dictionary(grouping: holders.filter { $0.owner != 0 }, by: \.endpoint)
        return byEndpoint.compactMap { endpoint, holders in
            let sessions = Set(holders.map(\.owner))
            guard sessions.count > 1, endpoint.port != 0 else { return nil }
            // The newest speaks for the address; the others are likely to be what was left behind.
            let sorted = holders.sorted { ($0.czxid, $0.path) > ($1.czxid, $1.path) }
            let newest = sorted[0]
            let others = sorted.filter { $0.owner != newest.owner }
            let shown = others.prefix(Limits.holdersShownMax).map { other in
                let time = Timestamp(unixMilliseconds: other.ctime.milliseconds).text
                return "\(Self.hex(other.owner)) since \(time) for \(other.service.name)"
            }
            let rest = others.count - shown.count
            let time = Timestamp(unixMilliseconds: newest.ctime.milliseconds).text
            return AuditFinding(
                kind: .addressShared,
                path: newest.path,
                service: newest.service.name,
                endpoint: endpoint.description,
                session: Self.hex(newest.owner),
                message: "\(Self.hex(newest.owner)) since \(time), and "
                    + shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
            )
        }
    }

    private var needFindings: [AuditFinding] {
        demands.filter { $0.providers == 0 && $0.consumers > 0 }.map { demand in
            let hosts = demand.hosts.joined(separator: ", ")
            let rest = demand.consumers - demand.hosts.count
            return AuditFinding(
                kind: .noProvider,
                path: demand.path,
                service: demand.service.name,
                message: counted(demand.consumers, "consumer") + ": " + hosts
                    + (rest > 0 ? " and \(rest) more" : "")
            )
        }
    }

    private func knockFindings(_ knocks: [Endpoint: Knock]) -> [AuditFinding] {
        holders.filter { $0.owner == 0 }.compactMap { holder in
            let what: String
            switch knocks[holder.endpoint] {
            case nil, .open?: return nil
            case .refused?: what = "refuses connections"
            case .silent?: what = "does not answer within \(Limits.knockTime.milliseconds) ms"
            case .failed(let reason)?: what = reason
            }
            return AuditFinding(
                kind: .notReachable,
                path: holder.path,
                service: holder.service.name,
                endpoint: holder.endpoint.description,
                message: what
            )
        }
    }

    /// Lists that are long, or that will be soon at the rate at which they grew.
    private func listFindings(since earlier: Earlier?, now: UnixTime) -> [AuditFinding] {
        longest.compactMap { list in
            let change = earlier.flatMap { growth(of: list, since: $0, now: now) }
            let days = change.flatMap { $0.daysLeft }
            let isSoon = days.map { $0 < Limits.listDaysLeftMin } ?? false
            guard list.permille >= Limits.listPermilleMax || isSoon else { return nil }
            var parts = [
                "\(list.permille / 10) % of 1 MiB, \(counted(list.children, "name")), "
                    + "\(UInt32(bitPattern: list.cversion)) changes so far"
            ]
            if let change {
                parts.append("\(signed(change.names)) in \(change.time), \(change.changes) changes")
            }
            if let days, list.permille < 1_000 {
                parts.append(days < 1 ? "full within a day" : "full in \(Int(days)) days")
            }
            return AuditFinding(
                kind: .listTooLong,
                path: list.path,
                message: parts.joined(separator: "; ")
            )
        }
    }

    private func growth(
        of list: List,
        since earlier: Earlier,
        now: UnixTime
    ) -> (names: Int, changes: UInt32, time: String, daysLeft: Double?)? {
        guard let before = earlier.lists[list.path] else { return nil }
        let milliseconds = now.milliseconds - earlier.time.milliseconds
        guard milliseconds > 0 else { return nil }
        let bytes = list.bytes - before.bytes
        let left = Limits.listBytesMax - list.bytes
        let perDay = Double(bytes) * 86_400_000 / Double(milliseconds)
        let minutes = milliseconds / 60_000
        return (
            list.children - before.children,
            // Counted in 32 bits, which may turn over.
            UInt32(bitPattern: list.cversion &- before.cversion),
            minutes < 120 ? counted(Int(minutes), "minute") : counted(Int(minutes / 60), "hour"),
            bytes > 0 ? max(0, Double(left) / perDay) : nil
        )
    }

    private func signed(_ number: Int) -> String {
        number < 0 ? "\(-number) names fewer" : "\(number) names more"
    }
}
