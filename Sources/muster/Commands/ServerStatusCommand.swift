import Flags
import Runtime
import ServiceModel

extension Subcommand {
    /// `muster server status`: what any ZooKeeper servers say of themselves.
    static let serverStatus = Subcommand(
        "server status",
        "Shows mode, zxid, sessions and latency of any ZooKeeper servers.",
        options: [
            .json, .control,
            .value("timeout", "SECONDS", "how long each server may take (3)"),
        ],
        arguments: [
            .init(
                "HOST[:PORT]",
                "servers to ask (the registry that the daemon uses)",
                isOptional: true,
                takesRest: true
            )
        ],
        discussion: """
            Asks with the four-letter words srvr, mntr and isro, all servers at once. Without a port it
            is 2181; a connect string such as zk1:2181,zk2:2181,zk3:2181 names several. A server whose
            whitelist has only srvr shows no sessions, and the last lines say what to add to it.

            Ends with 0 when every server is up, with 3 when one is down or serves nobody, with 1 when
            one does not say what it is.
            """
    ) { parsed, context throws(CommandFailure) in
        let servers = try await context.serverNames(parsed)
        let seconds = try parsed.number("timeout", in: 1...60) ?? 3
        let reports = await context.reports(servers, within: .seconds(seconds))
        if parsed.has("json") { try Output.json(reports) } else { printTable(reports) }
        let failed = reports.filter { $0.state != .up }
        guard let first = failed.first else { return }
        let isKnown = failed.contains { [.down, .notServing].contains($0.state) }
        throw CommandFailure(
            isKnown ? .unreachable : .failure,
            failed.count == 1
                ? "\(first.server): \(first.problem ?? "is not up")"
                : "\(failed.count) of \(counted(reports.count, "server")) are not up"
        )
    }

    private static func printTable(_ reports: [ServerReport]) {
        var table = TextTable(
            "SERVER",
            "MODE",
            "VERSION",
            "ZXID",
            "SESSIONS",
            "CONNECTIONS",
            "LATENCY",
            "NODES"
        )
        for report in reports {
            let latency = report.latency.map { latency in
                let numbers = [latency.min, latency.average, latency.max].map(milliseconds)
                return numbers.joined(separator: "/") + " ms"
            }
            table.add(
                report.server,
                report.mode ?? report.state.word,
                report.version ?? "-",
                report.zxid ?? "-",
                report.sessions.map { "\($0)" } ?? "-",
                report.connections.map { "\($0)" } ?? "-",
                latency ?? "-",
                report.nodes.map { "\($0)" } ?? "-"
            )
        }
        Output.text(table.text)
        for report in reports {
            guard let problem = report.problem else { continue }
            Output.line("\(report.server): \(problem)")
            if let advice = report.advice { Output.line("  " + advice) }
        }
    }

    /// At most two digits behind the point, none for whole numbers.
    private static func milliseconds(_ value: Double) -> String {
        let hundredths = Int((min(max(0, value), 1e12) * 100).rounded())
        guard hundredths % 100 != 0 else { return "\(hundredths / 100)" }
        let digits = String(hundredths % 100 + 100).dropFirst()
        return "\(hundredths / 100)." + (digits.last == "0" ? digits.dropLast() : digits)
    }
}

extension ServerReport.State {
    /// What stands in the column of the mode when there is none.
    fileprivate var word: String {
        switch self {
        case .up: "up"
        case .notServing: "not serving"
        case .unknown: "unknown"
        case .down: "down"
        case .foreign: "not ZooKeeper"
        }
    }
}

extension CommandContext {
    /// The servers to ask, each with its port.
    fileprivate func serverNames(_ parsed: ParsedCommand) async throws(CommandFailure) -> [String] {
        var texts = parsed.arguments
        if texts.isEmpty { texts = [await serverName(parsed)] }
        let names = texts.flatMap { text in
            // What a connect string has behind its hosts is no server.
            text.prefix { $0 != "/" }.split(separator: ",").map(String.init)
        }
        guard !names.isEmpty else { throw CommandFailure(.usage, "no server is named") }
        guard names.count <= Limits.serversAskedMax else {
            let most = Limits.serversAskedMax
            throw CommandFailure(.usage, "\(names.count) servers are more than \(most) at once")
        }
        return names.map { name in
            let behind = name.split(separator: "]", omittingEmptySubsequences: false).last ?? ""
            let isBare = !name.hasPrefix("[") && name.filter { $0 == ":" }.count > 1
            if isBare { return "[\(name)]:2181" }
            return behind.contains(":") ? name : name + ":2181"
        }
    }

    /// Asks all servers at once.
    fileprivate func reports(
        _ servers: [String],
        within limit: Duration
    ) async -> [ServerReport] {
        await withTaskGroup(of: (Int, ServerReport).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, await report(server, within: limit)) }
            }
            var reports = servers.map { ServerReport($0) }
            for await (index, report) in group { reports[index] = report }
            return reports
        }
    }

    private func report(_ server: String, within limit: Duration) async -> ServerReport {
        let addresses: [SocketAddress]
        do throws(RuntimeError) {
            addresses = try await Resolver.shared.resolve(server)
        } catch {
            let advice =
                error.code == .badArgument
                ? "write it as HOST:PORT"
                : "look at how the name is written, or give the address in its place"
            return ServerReport(server, down: "\(error)", advice: advice)
        }
        let deadline = EventLoop.monotonicNow() + limit
        var why = "it has no address"
        for address in addresses {
            switch await WordQuestion(loop: loop).ask("srvr", address, deadline: deadline) {
            case .text(let text):
                var report = ServerReport(server, srvr: text)
                if report.state == .up { await complete(&report, address, deadline: deadline) }
                return report
            case .silent:
                return ServerReport(
                    server,
                    down: "it takes the connection and does not answer within "
                        + "\(limit.milliseconds / 1_000) s",
                    advice: "it hangs or is overloaded, or it is not ZooKeeper; look at its log"
                )
            case .unreachable(let reason): why = reason
            }
        }
        return ServerReport(
            server,
            down: "nobody answers: \(why)",
            advice: "start it, or look at clientPort and clientPortAddress in its zoo.cfg"
        )
    }

    /// What needs more than `srvr`; a server that does not say it is up all the same.
    private func complete(
        _ report: inout ServerReport,
        _ address: SocketAddress,
        deadline: Instant
    ) async {
        if case .text(let text) = await WordQuestion(loop: loop)
            .ask("mntr", address, deadline: deadline)
        {
            report.add(mntr: text)
        }
        if case .text(let text) = await WordQuestion(loop: loop)
            .ask("isro", address, deadline: deadline)
        {
            report.add(isro: text)
        }
    }
}
