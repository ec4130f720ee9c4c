import Flags

/// One thing that `muster` does: what it accepts, and how it is done.
struct Subcommand: Sendable {
    /// Name without the program, arguments, options and help text.
    let syntax: CommandSyntax
    /// True when signals are the command's own to hear; any other ends at the first one.
    let hearsSignals: Bool
    /// Makes a command line that options can be read from of the words typed.
    let prepare: @Sendable (ArraySlice<String>) -> [String]
    /// Carries it out.
    let run: @Sendable (ParsedCommand, CommandContext) async throws(CommandFailure) -> Void

    /// Creates a subcommand; options that many share are added by the caller.
    init(
        _ name: String,
        _ summary: String,
        options: [CommandSyntax.Option] = [],
        arguments: [CommandSyntax.Argument] = [],
        discussion: String = "",
        hearsSignals: Bool = false,
        prepare: @escaping @Sendable (ArraySlice<String>) -> [String] = { Array($0) },
        run:
            @escaping @Sendable (ParsedCommand, CommandContext) async throws(CommandFailure) -> Void
    ) {
        syntax = CommandSyntax(
            "muster " + name,
            summary,
            options: options,
            arguments: arguments,
            discussion: discussion
        )
        (self.hearsSignals, self.prepare, self.run) = (hearsSignals, prepare, run)
    }

    /// Name without the program: `service ls`.
    var name: String { String(syntax.name.dropFirst("muster ".count)) }
}

extension CommandSyntax.Option {
    /// `--json`, on everything that prints.
    static let json = Self.flag("json", "print JSON")
    /// `--control`, on everything that asks the daemon.
    static let control = Self.value("control", "SOCKET", "the daemon's control socket")
    /// `--server`, on everything that speaks ZooKeeper's protocol.
    static let server = Self.value("server", "HOST:PORT,...", "the registry; any ZooKeeper server")
}
