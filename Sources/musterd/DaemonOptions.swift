import Flags
import FoundationEssentials
import ServiceModel

/// What the command line asks of the daemon.
struct DaemonOptions: Sendable {
    /// What `musterd` accepts.
    static let syntax = CommandSyntax(
        "musterd",
        "Registry, dynamic DNS and alerts in one process.",
        options: [
            .value("config", "FILE", "YAML configuration; without it the defaults hold"),
            .value(
                "data",
                "DIR",
                "state and control socket ($STATE_DIRECTORY, ~/.local/state/muster)"
            ),
            .value("set", "KEY=VALUE", "overrides one configuration key", repeats: true),
            .flag("check", "reads the configuration, says what is wrong, and ends"),
            .flag("version", "prints the version and ends"),
        ],
        discussion: "Configuration keys and their defaults:\n"
            + ConfigurationKeys.all.map { "  \($0.path): \($0.help)" }.joined(separator: "\n")
    )

    /// The file named with `--config`.
    let file: String?
    /// The assignments of `--set`, in order.
    let assignments: [String]
    /// Directory of state and control socket.
    let directory: String
    /// True for `--check`.
    let onlyChecks: Bool

    /// Sorts the command line.
    ///
    /// - Parameters:
    ///   - parsed: The words, already checked against `syntax`.
    ///   - environment: Where `STATE_DIRECTORY` and `HOME` are looked up.
    init(_ parsed: ParsedCommand, environment: [String: String]) {
        file = parsed.value("config")
        assignments = parsed.values("set")
        onlyChecks = parsed.has("check")
        directory =
            parsed.value("data") ?? environment["STATE_DIRECTORY"]
            ?? (environment["HOME"] ?? "/root") + "/.local/state/muster"
    }

    /// Reads file and assignments into one checked configuration.
    ///
    /// - Returns: A configuration that may be used.
    /// - Throws: `ConfigurationError` that names the place and the key.
    func load() throws(ConfigurationError) -> Configuration {
        var configuration = Configuration()
        if let file {
            let text: String
            do {
                text = try String(contentsOfFile: file, encoding: .utf8)
            } catch {
                let isThere = FileManager.default.fileExists(atPath: file)
                throw ConfigurationError(
                    place: file,
                    key: "",
                    message: isThere ? "cannot be read as UTF-8 text" : "does not exist"
                )
            }
            configuration = try Configuration(text: text, file: file)
        }
        for assignment in assignments { try configuration.set(assignment) }
        try configuration.checkWhole()
        return configuration
    }
}
