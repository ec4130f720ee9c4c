// Commands about the shell itself and its connection.
extension ShellVerb {
    static let sessionVerbs: [ShellVerb] = [
        ShellVerb("help", "", isListed: false) { _ in ParsedShellCommand(command: .help) },
        ShellVerb("quit", "") { _ in ParsedShellCommand(command: .quit) },
        ShellVerb("close", "") { _ in ParsedShellCommand(command: .close) },
        ShellVerb("connect", "host:port") { words in
            ParsedShellCommand(command: .connect(words.count > 1 ? words[1] : nil))
        },
        ShellVerb("history", "") { _ in ParsedShellCommand(command: .history) },
        ShellVerb("redo", "cmdno") { words in
            ParsedShellCommand(command: .redo(words.count > 1 ? words[1] : nil))
        },
        verb("version", "") { options throws(ShellFailure) in
            guard options.arguments.count == 1 else { throw ShellFailure("version ") }
            return ParsedShellCommand(command: .version)
        },
    ]
}
