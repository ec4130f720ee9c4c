import Flags
import Glibc
import Runtime
import ServiceModel
import Telemetry

extension Subcommand {
    /// `muster server export [FILE]`: a tree as lines of JSON.
    static let serverExport = Subcommand(
        "server export",
        "Writes a tree as lines of JSON, a znode a line, parents first.",
        options: [
            .value("path", "PATH", "only this znode and what is below it (/)"),
            .credentials, .json, .server, .control,
        ],
        arguments: [.init("FILE", "where it goes (standard output, also -)", isOptional: true)],
        discussion: """
            Reads any ZooKeeper server. A line has path, data (as base64 where it is no text), and acl;
            muster server import makes the znodes again, there or elsewhere. FILE appears when all of it
            is on the disk; until then, and if anything fails, a file of that name stays as it is. To a pipe
            or a device the lines are written as they come.

            Not a snapshot: each znode is as of the moment of its reading (muster server backup takes one
            of the embedded registry). Left out: ephemerals, which belong to sessions; versions, times
            and sequence counters; what the server keeps below /zookeeper, but for the limits of quotas,
            which are kept. ZooKeeper shows containers and TTL znodes as persistent, so they become that.

            Ends with 5 when znodes could not be read; they are named, and FILE has all the others.
            """,
        hearsSignals: true
    ) { parsed, context throws(CommandFailure) in
        let path = parsed.arguments.first.flatMap { $0 == "-" ? nil : $0 }
        let server = await context.serverName(parsed)
        let file = try ExportFile(path)
        context.exitAtSignal { file.discard() }
        let start = EventLoop.monotonicNow()
        let walk: TreeWalk
        do throws(CommandFailure) {
            walk = try await context.export(parsed, from: server, to: file)
            try await file.commit()
        } catch {
            file.discard()
            throw error
        }
        let summary = ExportSummary(walk, file: path, since: start)
        try summary.say(walk, asJSON: parsed.has("json"), toStandardOutput: file.isNamed)
        if let failure = walk.incompleteness { throw failure }
    }
}

extension CommandContext {
    /// Writes everything below the option `--path`.
    fileprivate func export(
        _ parsed: ParsedCommand,
        from server: String,
        to file: ExportFile
    ) async throws(CommandFailure) -> TreeWalk {
        let top = try parsed.topPath()
        return try await withPipe(server, credentials: parsed.value("auth")) {
            pipe,
            _,
            hasChroot throws(CommandFailure) in
            guard hasChroot || !ServerZNodes.contains(top) else {
                throw CommandFailure(.usage, "--path \(top) belongs to the server")
            }
            var walk = TreeWalk(pipe, top: top, hasChroot: hasChroot)
            try await walk.writeLines("reading \(server)", total: nil) {
                (bytes) throws(CommandFailure) in try await file.write(bytes)
            }
            return walk
        }
    }
}

/// What an export did.
struct ExportSummary: Encodable {
    let file: String?
    let znodes: Int
    let dataBytes: Int
    let quotas: Int
    let ephemeralsLeftOut: Int
    let vanished: Int
    let unreadable: Int
    let unreadablePaths: [String]
    let seconds: Double

    init(_ walk: TreeWalk, file: String?, since start: Instant) {
        let tally = walk.tally
        self.file = file
        (znodes, dataBytes, quotas) = (tally.znodes, tally.bytes, tally.quotas)
        (ephemeralsLeftOut, vanished) = (tally.ephemerals, tally.vanished)
        (unreadable, unreadablePaths) = (tally.unreadable, tally.unreadablePaths)
        seconds = Double((EventLoop.monotonicNow() - start).milliseconds) / 1_000
    }

    /// Prints it where the lines do not go.
    func say(
        _ walk: TreeWalk,
        asJSON: Bool,
        toStandardOutput: Bool
    ) throws(CommandFailure) {
        let text: String
        if asJSON {
            text = try Output.jsonText(self)
        } else {
            let parts = ["exported \(counted(znodes, "znode")) in \(seconds) s"] + walk.remarks
            text = parts.joined(separator: "; ")
        }
        if toStandardOutput { Output.line(text) } else { StandardStreams.complain(text) }
    }
}
