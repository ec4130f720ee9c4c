import Flags
import Runtime
import ServiceModel
import Telemetry
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster server import [FILE]`: makes the znodes of an export, or of another server.
    static let serverImport = Subcommand(
        "server import",
        "Makes the znodes of an export, or of another ZooKeeper's tree.",
        options: [
            .value("from", "HOST:PORT,...", "read this server's tree in place of a file"),
            .value("existing", "WORD", "znodes that exist: fail (default), skip or overwrite"),
            .value("path", "PATH", "only this znode and what is below it (/)"),
            .credentials,
            .value("from-auth", "FILE", "credentials for the server of --from"),
            .value("max-buffer", "BYTES", "the server's jute.maxbuffer (1048575)"),
            .json, .server, .control,
        ],
        arguments: [
            .init("FILE", "lines of an export (standard input, also -)", isOptional: true)
        ],
        discussion: """
            All lines are looked at before anything is changed, and with --from the whole tree is read:
            a bad line, a parent that is missing, and, unless --existing says otherwise, a znode that
            exists already end it with the server as it was. Data and access lists are made as they
            were. Versions start at 0 and sequence numbers at the first; times are those of the import.
            Quotas are set when all znodes are there. A connect string may end in a chroot, which must
            exist: zk1:2181/elsewhere.

            --existing skip leaves existing znodes alone, so an import that was interrupted goes on
            where it stopped; overwrite gives them the data and access list of the file where those
            differ. Nothing is ever removed.

            Below znodes that are closed to others, znodes are made under a credential of this run alone,
            which their access lists have until the end. A signal ends the import in order: the lists are
            given back first; what could not be is named. A second signal ends it at once.
            """,
        hearsSignals: true
    ) { parsed, context throws(CommandFailure) in
        let interruption = Interruption()
        context.atSignal { interruption.hear($0) }
        do throws(CommandFailure) {
            try await run(parsed, context, interruption)
        } catch {
            guard let signal = interruption.signal else { throw error }
            complain(error.message)
            if !error.advice.isEmpty { StandardStreams.complain("  " + error.advice) }
            CommandContext.end(by: signal)
        }
    }

    private static func run(
        _ parsed: ParsedCommand,
        _ context: CommandContext,
        _ interruption: Interruption
    ) async throws(CommandFailure) {
        let existing = try existing(parsed)
        let requestBytesMax =
            try parsed.number("max-buffer", in: 1_024...Limits.requestBytesLargest)
            ?? Limits.requestBytesDefault
        let start = EventLoop.monotonicNow()
        let (file, walk) = try await source(parsed, context, requestBytesMax)
        let top = try parsed.topPath()
        let server = await context.serverName(parsed)
        let (done, plan) = try await context.withPipe(
            server,
            credentials: parsed.value("auth"),
            requestBytesMax: requestBytesMax
        ) { pipe, session, hasChroot throws(CommandFailure) in
            let scope = ImportScope(top: top, hasChroot: hasChroot)
            var plan = ImportPlan(scope, requestBytesMax: requestBytesMax)
            try await check(file, &plan)
            var work = TreeImport(
                pipe,
                file: file,
                plan: plan,
                existing: existing,
                interruption: interruption
            )
            try await work.run(session)
            return (work.tally, plan)
        }
        let summary = ImportSummary(done, plan, walk, since: start)
        if parsed.has("json") {
            try Output.json(summary)
        } else {
            Output.line(summary.text(server, walk))
        }
        if let failure = walk?.incompleteness { throw failure }
    }

    private static func existing(
        _ parsed: ParsedCommand
    ) throws(CommandFailure) -> TreeImport.Existing {
        let word = parsed.value("existing") ?? TreeImport.Existing.fail.rawValue
        guard let existing = TreeImport.Existing(rawValue: word) else {
            throw CommandFailure(.usage, "--existing takes fail, skip or overwrite, not '\(word)'")
        }
        return existing
    }

    /// The lines to import, and the walk over another server that made them.
    private static func source(
        _ parsed: ParsedCommand,
        _ context: CommandContext,
        _ requestBytesMax: Int
    ) async throws(CommandFailure) -> (LineFile, TreeWalk?) {
        guard let origin = parsed.value("from") else {
            guard parsed.value("from-auth") == nil else {
                throw CommandFailure(.usage, "--from-auth goes with --from")
            }
            let path = parsed.arguments.first ?? "-"
            guard path == "-" else {
                return (try await LineFile.reading(path, requestBytesMax: requestBytesMax), nil)
            }
            let name = "standard input"
            let file = try LineFile(
                temporary: name,
                hasLines: true,
                requestBytesMax: requestBytesMax
            )
            try await file.writeStandardInput()
            return (file, nil)
        }
        guard parsed.arguments.isEmpty else {
            throw CommandFailure(.usage, "a file and --from are both given; only one can be")
        }
        let top = try parsed.topPath()
        let file = try LineFile(
            temporary: origin,
            hasLines: false,
            requestBytesMax: requestBytesMax
        )
        let walk = try await context.withPipe(origin, credentials: parsed.value("from-auth")) {
            pipe,
            session,
            hasChroot throws(CommandFailure) in
            let total = await count(top, session)
            var walk = TreeWalk(pipe, top: top, hasChroot: hasChroot)
            try await walk.writeLines("reading \(origin)", total: total) {
                (bytes) throws(CommandFailure) in try await file.write(bytes)
            }
            return walk
        }
        return (file, walk)
    }

    /// About how many znodes there are; nil at servers before 3.6.
    private static func count(_ top: String, _ session: ZooKeeperSession) async -> Int? {
        do throws(ZooKeeperError) {
            return try await session.getAllChildrenNumber(top) + 1
        } catch {
            return nil
        }
    }

    private static func check(
        _ file: LineFile,
        _ plan: inout ImportPlan
    ) async throws(CommandFailure) {
        var progress = ProgressLine("checking \(file.name)", total: nil)
        try await file.rewind()
        while true {
            let lines = try await file.next(
                Limits.creationsPerBatch,
                bytesMax: Limits.creationBytesPerBatch
            )
            if lines.isEmpty { break }
            for line in lines {
                do throws(LineFault) {
                    try plan.take(line)
                } catch {
                    throw CommandFailure(.failure, "\(file.place(line.number)): \(error.reason)")
                }
            }
            progress.show(plan.znodes)
        }
        progress.end()
    }
}

/// What an import did.
struct ImportSummary: Encodable {
    let created: Int
    let overwritten: Int
    let unchanged: Int
    let skipped: Int
    let quotas: Int
    let elsewhere: Int
    let ephemeralsLeftOut: Int?
    let vanished: Int?
    let unreadable: Int?
    let unreadablePaths: [String]?
    let seconds: Double

    init(_ done: TreeImport.Tally, _ plan: ImportPlan, _ walk: TreeWalk?, since start: Instant) {
        (created, overwritten, skipped) = (done.created, done.overwritten, done.skipped)
        unchanged = done.unchanged
        (quotas, elsewhere) = (done.quotas, plan.elsewhere)
        (ephemeralsLeftOut, vanished) = (walk?.tally.ephemerals, walk?.tally.vanished)
        (unreadable, unreadablePaths) = (walk?.tally.unreadable, walk?.tally.unreadablePaths)
        seconds = Double((EventLoop.monotonicNow() - start).milliseconds) / 1_000
    }

    /// One line for people.
    func text(_ server: String, _ walk: TreeWalk?) -> String {
        var parts = ["made \(counted(created, "znode")) on \(server) in \(seconds) s"]
        if overwritten > 0 { parts.append("\(overwritten) overwritten") }
        if unchanged > 0 { parts.append("\(unchanged) were that way already") }
        if skipped > 0 { parts.append("\(skipped) left as they are") }
        if quotas > 0 { parts.append("\(counted(quotas, "quota")) set") }
        if elsewhere > 0 { parts.append("\(counted(elsewhere, "line")) not below --path") }
        return (parts + (walk?.remarks ?? [])).joined(separator: "; ")
    }
}
