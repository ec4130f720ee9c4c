import Flags
import FoundationEssentials
import Runtime
import Telemetry

/// The command-line tool: finds the subcommand, runs it, and turns its failure into an exit status.
@main enum Muster {
    /// Every subcommand, in the order of the overview.
    static let subcommands: [Subcommand] = [
        .status, .register, .resolve, .watch, .explain,
        .serviceList, .serviceShow, .instanceList,
        .serverStatus, .serverCheck, .serverExport, .serverImport, .serverBackup,
        .znodeList, .znodeGet, .znodeCreate, .znodeSet, .znodeRemove, .znodeTree,
        .audit, .shell,
    ]

    static func main() {
        MainThread.run {
            let failure = await run(Array(CommandLine.arguments.dropFirst()))
            if let failure {
                complain(failure.message)
                if !failure.advice.isEmpty {
                    StandardStreams.complain("  " + Terminal.printable(failure.advice))
                }
            }
            return (failure?.status ?? .success).rawValue
        }
    }

    private static func run(_ words: [String]) async -> CommandFailure? {
        if words.isEmpty || ["--help", "-h"].contains(words[0]) {
            Output.text(Help.overview)
            return words.isEmpty ? CommandFailure(.usage, "no command given") : nil
        }
        if words == ["--version"] {
            Output.line("muster \(Release.version)")
            return nil
        }
        do throws(CommandFailure) {
            if words[0] == "help" { return try Help.show(Array(words.dropFirst())) }
            let (subcommand, rest) = try find(words)
            let parsed = try parse(rest, subcommand)
            if parsed.wantsHelp {
                Output.text(subcommand.syntax.help)
                return nil
            }
            Log.configure(level: .error)
            let environment = ProcessInfo.processInfo.environment
            let loop = EventLoop(name: "muster")
            let context = CommandContext(loop: loop, environment: environment)
            if !subcommand.hearsSignals { context.exitAtSignal() }
            try await subcommand.run(parsed, context)
            return nil
        } catch {
            return error
        }
    }

    private static func find(
        _ words: [String]
    ) throws(CommandFailure) -> (Subcommand, ArraySlice<String>) {
        do throws(FlagsError) {
            let found = try CommandTable(subcommands.map(\.name)).find(words)
            guard let subcommand = subcommands.first(where: { $0.name == found.name }) else {
                throw FlagsError("no command '\(found.name)'")
            }
            return (subcommand, found.rest)
        } catch {
            throw CommandFailure(.usage, error.message, advice: "muster help lists all commands")
        }
    }

    private static func parse(
        _ words: ArraySlice<String>,
        _ subcommand: Subcommand
    ) throws(CommandFailure) -> ParsedCommand {
        do throws(FlagsError) {
            return try ParsedCommand(subcommand.prepare(words), by: subcommand.syntax)
        } catch {
            let advice = "usage: " + subcommand.syntax.usage
            let own = "muster "
            let message = error.message
            let short = message.hasPrefix(own) ? String(message.dropFirst(own.count)) : message
            throw CommandFailure(.usage, short, advice: advice)
        }
    }
}
