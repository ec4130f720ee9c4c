import Flags
import FoundationEssentials
import Runtime
import ServiceModel

extension Subcommand {
    /// `muster server backup FILE`: a consistent copy of the running daemon's registry.
    static let serverBackup = Subcommand(
        "server backup",
        "Copies the daemon's own registry to a file, while it goes on.",
        options: [.json, .control],
        arguments: [
            .init("FILE", "where it goes, on the daemon's machine; an earlier backup is replaced")
        ],
        discussion: """
            The copy is of one moment: it has every change that was answered before the command began. It
            is an SQLite database with all znodes, as tree.db in the data directory, and appears under its
            name when it is complete and on the disk. musterd --restore FILE goes back to it.

            For other servers, or to take a part of the tree elsewhere: muster server export.
            """
    ) { parsed, context throws(CommandFailure) in
        let start = EventLoop.monotonicNow()
        let path = absolute(parsed.arguments[0])
        let query = "/v1/backup?path=" + percentEncoded(path)
        var (report, json) = try await context.order(query, parsed, as: BackupAnswer.self)
        let number = report.number
        var progress = ProgressLine("copying to \(path)", total: nil)
        while report.state == "running", report.number == number {
            try await pause(context)
            (report, json) = try await context.ask("/v1/backup", parsed, as: BackupAnswer.self)
            progress.show()
        }
        progress.end()
        guard report.number == number, report.state == "done" else {
            let why = report.number == number ? report.problem : "another one took its place"
            throw CommandFailure(.failure, "\(path) was not written: \(why)")
        }
        if parsed.has("json") { return Output.answer(json) }
        let seconds = Double((EventLoop.monotonicNow() - start).milliseconds) / 1_000
        Output.line("\(path): \(report.bytes) bytes in \(seconds) s")
        Output.line("musterd --restore \(path) goes back to it, with musterd stopped")
    }

    /// The daemon has a working directory of its own.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        return FileManager.default.currentDirectoryPath + "/" + path
    }

    /// Asking again is how one waits here: a held answer would take the console's only thread with it.
    private static func pause(_ context: CommandContext) async throws(CommandFailure) {
        do {
            try await Task.sleep(for: Limits.backupPause)
        } catch {
            throw CommandFailure(.failure, "interrupted; the daemon goes on with the backup")
        }
    }
}
