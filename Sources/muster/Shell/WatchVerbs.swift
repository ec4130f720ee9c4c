import ZooKeeperProtocol

// Commands about watches.
extension ShellVerb {
    static let watchVerbs: [ShellVerb] = [
        addWatch,
        verb(
            "removewatches",
            "path [-c|-d|-a] [-l]",
            ShellGrammar(flags: "cdal"),
            least: 1
        ) { options in
            let kind: WatcherRequest.Kind =
                options.has("c") ? .children : options.has("d") ? .data : .any
            return ParsedShellCommand(
                command: .removeWatches(
                    path: options.arguments[1],
                    kind: kind,
                    isLocalEnough: options.has("l")
                )
            )
        },
        ShellVerb("printwatches", "on|off") { words in
            ParsedShellCommand(command: .printWatches(words.count > 1 ? words[1] == "on" : nil))
        },
    ]

    private static let addWatchUsage =
        "[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE]"
        + " - default is PERSISTENT_RECURSIVE"

    private static let addWatch = verb(
        "addWatch",
        addWatchUsage,
        ShellGrammar(values: ["m"])
    ) { options throws(ShellFailure) in
        let usage = ShellFailure("addWatch " + addWatchUsage)
        guard options.arguments.count == 2 else { throw usage }
        let mode: AddWatchRequest.Mode
        switch options.value("m")?.uppercased() {
        case nil, "PERSISTENT_RECURSIVE": mode = .persistentRecursive
        case "PERSISTENT": mode = .persistent
        default: throw usage
        }
        return ParsedShellCommand(command: .addWatch(path: options.arguments[1], mode: mode))
    }
}
