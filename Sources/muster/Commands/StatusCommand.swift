import Flags

extension Subcommand {
    /// `muster status`: one screen about the running daemon.
    static let status = Subcommand(
        "status",
        "Shows the daemon on one screen: registry, view, DNS, warnings.",
        options: [.json, .control]
    ) { parsed, context throws(CommandFailure) in
        let (status, json) = try await context.ask("/v1/status", parsed, as: StatusAnswer.self)
        if parsed.has("json") { return Output.answer(json) }
        var rows = [
            ("daemon", "\(status.daemon.version), process \(status.daemon.pid)"),
            (
                "registry",
                "\(status.registry.mode) \(status.registry.connect), session \(status.registry.session)"
            ),
            (
                "view",
                "\(status.view.standing), \(counted(status.view.services, "service")), "
                    + "\(counted(status.view.instances, "instance")), zxid \(status.view.zxid)"
            ),
            ("dns", "\(status.dns.listen), zones " + status.dns.zones.joined(separator: " ")),
            ("console", status.console),
        ]
        if let sessions = status.registry.sessions, let znodes = status.registry.znodes {
            rows.insert(("", "\(counted(sessions, "session")), \(counted(znodes, "znode"))"), at: 2)
        }
        for (index, member) in (status.daemons ?? []).enumerated() {
            rows.append((index == 0 ? "daemons" : "", member.line))
        }
        for (name, value) in rows {
            Output.line(name + String(repeating: " ", count: 10 - name.count) + value)
        }
        for warning in status.warnings { Output.line("warning   " + warning) }
    }
}

/// `1 service`, `2 services`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension StatusAnswer.View {
    /// `live`, or how old what is known is and why.
    fileprivate var standing: String {
        guard let ageSeconds else { return freshness }
        return "\(freshness) for \(ageSeconds) s" + (staleReason.map { " (\($0))" } ?? "")
    }
}

extension StatusAnswer.Member {
    /// `1f0c... on zk-a, process 7, dns 10.0.0.1:53, 0.1.0 (this one)`.
    fileprivate var line: String {
        var line = id + " on " + (host ?? "?")
        if let pid { line += ", process \(pid)" }
        if let dns { line += ", dns " + dns }
        if let version { line += ", " + version }
        return own ? line + " (this one)" : line
    }
}
