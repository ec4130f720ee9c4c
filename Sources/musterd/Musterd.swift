import Flags
import FoundationEssentials
import Runtime
import Telemetry

/// The daemon's entry: command line, configuration, signals, and an orderly end.
@main enum Musterd {
    /// What the program calls itself.
    static let version = Release.version

    static func main() { MainThread.run(serve) }

    @Sendable private static func serve() async -> Int32 {
        let parsed: ParsedCommand
        do throws(FlagsError) {
            let words = CommandLine.arguments.dropFirst()
            parsed = try ParsedCommand(Array(words), by: DaemonOptions.syntax)
        } catch {
            log.error("\(error); musterd --help lists the options")
            return 2
        }
        if parsed.wantsHelp {
            print(DaemonOptions.syntax.help, terminator: "")
            StandardStreams.flush()
            return 0
        }
        if parsed.has("version") {
            print("musterd \(version)")
            StandardStreams.flush()
            return 0
        }
        if parsed.value("restore") != nil, parsed.has("check") {
            log.error("--restore and --check are both given; only one can be")
            return 2
        }
        do {
            let environment = ProcessInfo.processInfo.environment
            try await run(DaemonOptions(parsed, environment: environment))
            return 0
        } catch {
            log.error("\(error)")
            return 1
        }
    }

    private static func run(_ options: DaemonOptions) async throws {
        let configuration = try options.load()
        if let backup = options.backup {
            if let servers = configuration.registry.connect {
                throw StartError(
                    message: "--restore: there is no registry of its own with registry.connect "
                        + "(\(servers)); muster server import fills other servers"
                )
            }
            for line in try DataDirectory.restore(backup, options) { print(line) }
            StandardStreams.flush()
            return
        }
        guard options.onlyChecks else { return try await Daemon(options, configuration).run() }
        let zones = try ZoneSetup(configuration)
        for notice in configuration.notices { print("notice: " + notice) }
        if configuration.registry.connect == nil { print(configuration.registry.summary) }
        print("the configuration is good; zone files: \(zones.files.count)")
    }

    private static let log = Log("musterd")
}
