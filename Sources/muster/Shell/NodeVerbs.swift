import ZooKeeperProtocol

// Commands about znodes: creating, reading, changing, removing, listing.
extension ShellVerb {
    static let nodeVerbs: [ShellVerb] = [
        create, delete,
        deleteAll("deleteall"), deleteAll("rmr"),
        get, set, list, ls2, stat,
        verb("sync", "path", least: 1) { options in
            ParsedShellCommand(command: .sync(path: options.arguments[1]))
        },
        verb("getAllChildrenNumber", "path", least: 1) { options in
            ParsedShellCommand(command: .countDescendants(path: options.arguments[1]))
        },
        verb("getEphemerals", "path") { options in
            let prefix = options.arguments.count > 1 ? options.arguments[1] : nil
            return ParsedShellCommand(command: .ephemerals(prefix))
        },
    ]

    private static let create = verb(
        "create",
        "[-s] [-e] [-c] [-t ttl] path [data] [acl]",
        ShellGrammar(flags: "esc", values: ["t"]),
        least: 1
    ) { options throws(ShellFailure) in
        let (mode, ttl) = try creation(options)
        let arguments = options.arguments
        let acl = arguments.count > 3 ? ACLText.parse(arguments[3]) : nil
        return ParsedShellCommand(
            command: .create(
                path: arguments[1],
                data: arguments.count > 2 ? Array(arguments[2].utf8) : nil,
                acl: acl?.acl,
                mode: mode,
                ttl: ttl
            ),
            notices: acl?.notices ?? []
        )
    }

    private static func creation(
        _ options: ShellOptions
    ) throws(ShellFailure) -> (CreateMode, ttl: Int64?) {
        let (isEphemeral, isSequential) = (options.has("e"), options.has("s"))
        if options.has("c"), isEphemeral || isSequential {
            throw ShellFailure(
                "-c cannot be combined with -s or -e."
                    + " Containers cannot be ephemeral or sequential."
            )
        }
        guard let text = options.value("t") else {
            if options.has("c") { return (.container, nil) }
            if isEphemeral { return (isSequential ? .ephemeralSequential : .ephemeral, nil) }
            return (isSequential ? .persistentSequential : .persistent, nil)
        }
        guard let ttl = Int64(text) else {
            throw ShellFailure("-t argument must be a long value")
        }
        if isEphemeral { throw ShellFailure("TTLs cannot be used with Ephemeral znodes") }
        if options.has("c") { throw ShellFailure("TTLs cannot be used with Container znodes") }
        guard (1...Limits.ttlMillisecondsMax).contains(ttl) else {
            throw ShellFailure(
                "ttl must be positive and cannot be larger than: \(Limits.ttlMillisecondsMax)"
            )
        }
        return (isSequential ? .persistentSequentialTTL : .persistentTTL, ttl)
    }

    private static let delete = verb(
        "delete",
        "[-v version] path",
        ShellGrammar(values: ["v"]),
        least: 1
    ) { options throws(ShellFailure) in
        let arguments = options.arguments
        let version = try options.version("v")
        guard arguments.count > 2 else {
            return ParsedShellCommand(command: .delete(path: arguments[1], version: version ?? -1))
        }
        return ParsedShellCommand(
            command: .delete(
                path: arguments[1],
                version: try positional(version, arguments[2])
            ),
            notices: [
                "'delete path [version]' has been deprecated."
                    + " Please use 'delete [-v version] path' instead."
            ]
        )
    }

    /// The version of the option, else the one behind the arguments in the old syntax.
    private static func positional(
        _ version: Int32?,
        _ old: String
    ) throws(ShellFailure) -> Int32 {
        if let version { return version }
        return try ShellOptions.version(old)
    }

    private static func deleteAll(_ name: String) -> ShellVerb {
        let isOld = name == "rmr"
        return verb(
            name,
            isOld ? "path" : "path [-b batch size]",
            ShellGrammar(values: ["b"]),
            least: 1,
            isListed: !isOld
        ) { options throws(ShellFailure) in
            let text = options.value("b") ?? "\(Limits.deletesPerBatch)"
            guard let batch = Int32(text) else {
                throw ShellFailure("-b argument must be an int value")
            }
            return ParsedShellCommand(
                command: .deleteAll(path: options.arguments[1], batch: Int(batch)),
                notices: isOld
                    ? [
                        "The command 'rmr' has been deprecated. Please use 'deleteall' instead."
                    ] : []
            )
        }
    }

    private static let get = verb(
        "get",
        "[-s] [-w] path",
        ShellGrammar(flags: "sw"),
        least: 1
    ) { options in
        let old = "'get path [watch]' has been deprecated. Please use 'get [-s] [-w] path' instead."
        let (watch, notices) = watch(options, old)
        return ParsedShellCommand(
            command: .get(path: options.arguments[1], hasStat: options.has("s"), watch: watch),
            notices: notices
        )
    }

    private static let set = verb(
        "set",
        "[-s] [-v version] path data",
        ShellGrammar(flags: "s", values: ["v"]),
        least: 2
    ) { options throws(ShellFailure) in
        let arguments = options.arguments
        var version = try options.version("v")
        if version == nil, arguments.count > 3 {
            version = try ShellOptions.version(arguments[3])
        }
        return ParsedShellCommand(
            command: .set(
                path: arguments[1],
                data: Array(arguments[2].utf8),
                version: version ?? -1,
                hasStat: options.has("s")
            )
        )
    }

    private static let list = verb(
        "ls",
        "[-s] [-w] [-R] path",
        ShellGrammar(flags: "?swR")
    ) { options throws(ShellFailure) in
        var notices = options.has("?") ? [listHelp] : []
        guard options.arguments.count > 1 else {
            throw ShellFailure((notices + ["ls [-s] [-w] [-R] path"]).joined(separator: "\n"))
        }
        let old = "'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead."
        let (watch, oldNotices) = watch(options, old)
        notices += oldNotices
        return ParsedShellCommand(
            command: .list(
                path: options.arguments[1],
                hasStat: options.has("s"),
                watch: watch,
                isRecursive: options.has("R")
            ),
            notices: notices
        )
    }

    private static let listHelp = """
        usage: ls [options] path
         -?   help
         -R   recurse
         -s   stat
         -w   watch
        """

    private static let ls2 = verb(
        "ls2",
        "path [watch]",
        ShellGrammar(flags: "w"),
        least: 1,
        isListed: false
    ) { options in
        ParsedShellCommand(
            command: .list(
                path: options.arguments[1],
                hasStat: true,
                watch: options.has("w") || options.arguments.count > 2,
                isRecursive: false
            ),
            notices: ["'ls2' has been deprecated. Please use 'ls [-s] path' instead."]
        )
    }

    private static let stat = verb(
        "stat",
        "[-w] path",
        ShellGrammar(flags: "w"),
        least: 1
    ) { options in
        let old = "'stat path [watch]' has been deprecated. Please use 'stat [-w] path' instead."
        let (watch, notices) = watch(options, old)
        return ParsedShellCommand(
            command: .stat(path: options.arguments[1], watch: watch),
            notices: notices
        )
    }

    /// Any word behind the path asks for a watch, as in 3.4, and is told that this is old.
    private static func watch(_ options: ShellOptions, _ old: String) -> (Bool, [String]) {
        let isOld = options.arguments.count > 2
        return (options.has("w") || isOld, isOld ? [old] : [])
    }
}
