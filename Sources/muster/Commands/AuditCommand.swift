import Flags
import Runtime
import ServiceModel
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster audit`: what is wrong in a tree.
    static let audit = Subcommand(
        "audit",
        "Finds what is wrong in a tree: left-over, doubled, unusable and refused entries.",
        options: [
            .value("path", "PATH", "only this znode and what is below it (/)"),
            .value("root", "PATH", "a root of Dubbo services (/dubbo)", repeats: true),
            .value(
                "connect",
                "NETWORK",
                "try addresses of this network that no session owns",
                repeats: true
            ),
            .value(
                "since",
                "FILE",
                "an earlier --json report: lists that grow are told of in time"
            ),
            .credentials, .json, .server, .control,
        ],
        discussion: """
            Reads any ZooKeeper server, every znode once. Told of:
              ownerGone      ephemerals whose session the servers do not know (four-letter word dump)
              addressShared  an address that providers of several sessions announce
              noProvider     services with consumers and without a provider
              notReachable   entries of no session where nobody listens; only with --connect
              notUnderstood  names and entries that consumers cannot use, each with the reason
              listTooLong    lists of children of 80 % of 1 MiB and more; with --since FILE, too, those that
                             are full within a week at the rate at which they grew

            Nothing is connected to unless --connect names its network, such as 10.0.0.0/8, or an address:
            whoever may write to the tree could have others knock where he likes. One connection an address,
            closed at once, 32 at a time, each for 2 s.

            Ends with 0 when nothing is wrong, with 1 when something is, with 3 when no server answers, with 4
            when PATH or FILE does not exist, with 5 when nothing was found and parts of the tree could not be
            read (--auth names credentials). What could not be asked for is said, and in JSON as unchecked.
            """
    ) { parsed, context throws(CommandFailure) in
        let setup = try AuditSetup(parsed)
        let server = await context.serverName(parsed)
        let report = try await context.audit(server, setup)
        if parsed.has("json") { try Output.json(report) } else { Output.text(report.text) }
        guard report.counts.isEmpty else { throw CommandFailure(.failure, report.summary) }
        guard report.tally.unreadable == 0 else {
            throw CommandFailure(
                .refused,
                "\(server): parts of the tree could not be read",
                advice: "--auth FILE names credentials that may read them"
            )
        }
    }
}

/// What an audit is asked for.
struct AuditSetup: Sendable {
    let top: String
    let layout: AuditLayout
    /// Where addresses may be tried; empty for nowhere.
    let networks: [AddressNetwork]
    let earlier: TreeAudit.Earlier?
    let credentials: String?

    init(_ parsed: ParsedCommand) throws(CommandFailure) {
        top = try parsed.topPath()
        let roots = parsed.values("root")
        for root in roots where !ZNodePath.isValid(root) {
            throw CommandFailure(.usage, "--root \(root) is not a path")
        }
        layout = roots.isEmpty ? AuditLayout() : AuditLayout(dubboRoots: roots)
        var networks: [AddressNetwork] = []
        for text in parsed.values("connect") {
            guard let network = AddressNetwork(text) else {
                throw CommandFailure(
                    .usage,
                    "--connect takes a network or an address, not '\(text)'",
                    advice: "write 10.0.0.0/8, fd00::/8 or 10.0.0.1"
                )
            }
            networks.append(network)
        }
        self.networks = networks
        var earlier: TreeAudit.Earlier?
        if let path = parsed.value("since") { earlier = try TreeAudit.Earlier(reading: path) }
        self.earlier = earlier
        credentials = parsed.value("auth")
    }
}

extension CommandContext {
    /// Reads a tree, asks for its sessions, tries what may be tried, and finds.
    fileprivate func audit(
        _ server: String,
        _ setup: AuditSetup
    ) async throws(CommandFailure) -> AuditReport {
        let start = EventLoop.monotonicNow()
        let now = EventLoop.unixNow()
        var unchecked: [String] = []
        let (audit, orphans, census) = try await withPipe(server, credentials: setup.credentials) {
            pipe,
            session,
            hasChroot throws(CommandFailure) in
            guard hasChroot || !ServerZNodes.contains(setup.top) else {
                throw CommandFailure(.usage, "--path \(setup.top) belongs to the server")
            }
            var audit = TreeAudit(layout: setup.layout)
            var walk = AuditWalk(pipe, top: setup.top, hasChroot: hasChroot)
            try await walk.read(into: &audit)
            let (orphans, census) = try await self.orphans(of: audit, pipe, server)
            return (audit, orphans, census)
        }
        if !audit.ephemerals.isEmpty {
            if !census.isKnown { unchecked.append("whether the owners of ephemerals live") }
            unchecked += census.refusals
        }
        if audit.tally.unreadable > 0 {
            let shown = audit.unreadablePaths.prefix(Limits.conflictsShownMax)
            unchecked.append(
                "\(counted(audit.tally.unreadable, "znode")) that this user may not read, and what is "
                    + "below: \(shown.joined(separator: ", "))"
            )
        }
        let allowed = audit.staticEndpoints.filter { endpoint in
            setup.networks.contains { $0.contains(endpoint.address) }
        }
        let tried = Array(allowed.prefix(Limits.knocksMax))
        let left = audit.staticEndpoints.count - tried.count
        if left > 0 {
            unchecked.append(
                "whether anybody listens at \(left) address\(left == 1 ? "" : "es") that no session "
                    + "owns: "
                    + (tried.count < allowed.count
                        ? "more than \(Limits.knocksMax)" : "--connect NETWORK tries them")
            )
        }
        let findings = audit.findings(
            orphans: orphans,
            knocks: await knocks(at: tried),
            earlier: setup.earlier,
            now: now
        )
        return AuditReport(
            server: server,
            audit: audit,
            findings: findings,
            unchecked: unchecked,
            now: now,
            took: EventLoop.monotonicNow() - start
        )
    }

    /// The ephemerals that are there although no server knows their session, looked at twice.
    ///
    /// A session may end, and take its ephemerals along, between the reading and the question.
    private func orphans(
        of audit: TreeAudit,
        _ pipe: RequestPipe,
        _ server: String
    ) async throws(CommandFailure) -> ([TreeAudit.Ephemeral], SessionCensus) {
        guard !audit.ephemerals.isEmpty else { return ([], SessionCensus()) }
        let first = await census(of: server)
        guard first.isKnown else { return ([], first) }
        var suspects = audit.orphans(living: first.sessions)
        guard !suspects.isEmpty else { return ([], first) }
        let second = await census(of: server)
        guard second.isKnown else { return ([], second) }
        suspects.removeAll { second.sessions.contains($0.owner) }
        // What is still there once this server has seen all that ended before has no owner.
        let reads = suspects.map { Request.exists(ExistsRequest(path: $0.path, watch: false)) }
        let sync = Request.sync(SyncRequest(path: ZNodePath.root))
        let answers = try await pipe.answers(to: [sync] + reads).dropFirst()
        let left = zip(suspects, answers).filter { suspect, answer in
            guard case .success(.stat(let stat)) = answer else { return false }
            return stat.czxid == suspect.czxid
        }
        return (left.map(\.0), second)
    }
}
