import FoundationEssentials
import ServiceModel
import Telemetry

/// What `muster audit` prints, and reads again as `--since`.
struct AuditReport: Encodable, Sendable {
    /// As users name the registry.
    let server: String
    /// When the tree was read, RFC 3339.
    let at: String
    let unixMilliseconds: Int64
    let seconds: Double
    let tally: TreeAudit.Tally
    /// How many there are of each kind that was found.
    let counts: [String: Int]
    /// The first `Limits.findingsMax`.
    let findings: [AuditFinding]
    /// The longest lists of children.
    let lists: [TreeAudit.List]
    /// What was not looked at, and why.
    let unchecked: [String]

    init(
        server: String,
        audit: TreeAudit,
        findings: [AuditFinding],
        unchecked: [String],
        now: UnixTime,
        took: Duration
    ) {
        (self.server, self.unchecked) = (server, unchecked)
        (unixMilliseconds, at) = (
            now.milliseconds, Timestamp(unixMilliseconds: now.milliseconds).text
        )
        seconds = Double(took.milliseconds) / 1_000
        (tally, lists) = (audit.tally, audit.longest)
        counts = Dictionary(grouping: findings, by: \.kind.rawValue).mapValues(\.count)
        self.findings = Array(findings.prefix(Limits.findingsMax))
    }

    /// The lines for people: what was read, each kind with what to do, and what was not looked at.
    var text: String {
        var text =
            "\(server): \(counted(tally.znodes, "znode")), \(counted(tally.providers, "provider")), "
            + "\(counted(tally.consumers, "consumer")), \(counted(tally.domains, "domain")) read in "
            + "\(seconds) s\n"
        for kind in AuditFinding.Kind.allCases {
            guard let count = counts[kind.rawValue] else { continue }
            text += "\n" + kind.heading(count) + "\n"
            for line in kind.advice.split(separator: "\n") { text += "  \(line)\n" }
            let found = findings.filter { $0.kind == kind }
            for finding in found.prefix(Limits.findingsShownMax) { text += finding.text }
            let rest = count - min(found.count, Limits.findingsShownMax)
            if rest > 0 { text += "    and \(rest) more (--json)\n" }
        }
        if !unchecked.isEmpty { text += "\n" }
        for reason in unchecked { text += "not checked: \(reason)\n" }
        if counts.isEmpty { text += "nothing is wrong\n" }
        return Terminal.printable(text)
    }

    /// One clause.
    var summary: String {
        let total = counts.values.reduce(0, +)
        return "\(server): \(counted(total, "finding"))"
    }
}

extension AuditFinding {
    /// What it is about and what is the matter, then the path, which may be long.
    fileprivate var text: String {
        let subject = [endpoint, service].compactMap { $0 }.joined(separator: " of ")
        let head = subject.isEmpty ? path : subject
        let place = subject.isEmpty ? "" : "      \(path)\n"
        return "    \(head): \(message)\n" + place
    }
}

extension TreeAudit.Earlier {
    /// The part of a report that the next one is compared with.
    private struct Report: Decodable {
        let unixMilliseconds: Int64
        let lists: [TreeAudit.List]
    }

    /// Reads a report of an earlier `muster audit --json`.
    ///
    /// - Parameter path: The file.
    /// - Throws: `CommandFailure` for what is none.
    init(reading path: String) throws(CommandFailure) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.notFound, "\(path) does not exist")
        }
        let advice = "--since takes what muster audit --json printed"
        guard let data = FileManager.default.contents(atPath: path),
            data.count <= Limits.earlierReportBytesMax
        else { throw CommandFailure(.failure, "\(path) cannot be read", advice: advice) }
        let report: Report
        do {
            report = try JSONDecoder().decode(Report.self, from: data)
        } catch {
            throw CommandFailure(.usage, "\(path) is no report of an audit", advice: advice)
        }
        let pairs = report.lists.map { ($0.path, $0) }
        lists = Dictionary(pairs) { $1 }
        time = UnixTime(milliseconds: report.unixMilliseconds)
    }
}
