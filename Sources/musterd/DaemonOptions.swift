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
            .value(
                "restore",
                "FILE",
                "goes back to a file of muster server backup, and ends; musterd must be stopped"
            ),
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
    /// The backup named with `--restore`.
    let backup: String?
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
        backup = parsed.value("restore")
        onlyChecks = parsed.has("check")
        directory =
            parsed.value("data") ?? environment["STATE_DIRECTORY"]
            ?? (environment["HOME"] ?? "/root") + "/.local/state/muster"
    }

    /// Where the embedded registry keeps its tree.
    var storeDirectory: String { directory + "/registry" }

    /// Reads file and assignments, and the `zoo.cfg` that they name, into one checked configuration.
    ///
    /// - Returns: A configuration that may be used.
    /// - Throws: `ConfigurationError` that names the place and the key.
    func load() throws(ConfigurationError) -> Configuration {
        let text = try file.map { file throws(ConfigurationError) in
            guard let text = String(bytes: try Self.read(file), encoding: .utf8) else {
                throw ConfigurationError(place: file, key: "", message: "is no UTF-8 text")
            }
            return text
        }
        var configuration = try read(text, over: Configuration())
        try configuration.checkSource()
        if let path = configuration.registry.zooCfg {
            let zooCfg = try ZooCfg(try Self.read(path), file: path)
            configuration = try read(text, over: zooCfg.defaults(below: configuration.registry))
        }
        try configuration.checkWhole()
        return configuration
    }

    /// What stands in file and assignments, over what holds without them.
    private func read(
        _ text: String?,
        over base: Configuration
    ) throws(ConfigurationError) -> Configuration {
        var configuration = base
        if let text, let file {
            configuration = try Configuration(text: text, file: file, over: base)
        }
        for assignment in assignments { try configuration.set(assignment) }
        return configuration
    }

    private static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        do {
            let bytes = try Data(contentsOf: URL(filePath: path))
            guard bytes.count <= Limits.configurationBytesMax else {
                let most = Limits.configurationBytesMax >> 20
                throw ConfigurationError(place: path, key: "", message: "is over \(most) MiB")
            }
            return Array(bytes)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(place: path, key: "", message: obstacle(path))
        }
    }

    /// Why a file cannot be read.
    private static func obstacle(_ path: String) -> String {
        let files = FileManager.default
        var isDirectory = false
        guard files.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return "does not exist"
        }
        if isDirectory { return "is a directory, not a file" }
        return files.isReadableFile(atPath: path)
            ? "cannot be read" : "cannot be read by this user"
    }
}
