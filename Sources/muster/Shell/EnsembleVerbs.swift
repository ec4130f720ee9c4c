import ZooKeeperProtocol

// Commands about the ensemble's configuration.
extension ShellVerb {
    static let ensembleVerbs: [ShellVerb] = [
        verb("config", "[-c] [-w] [-s]", ShellGrammar(flags: "swc")) { options in
            ParsedShellCommand(
                command: .configuration(
                    isForClients: options.has("c"),
                    watch: options.has("w"),
                    hasStat: options.has("s")
                )
            )
        },
        verb(
            "reconfig",
            reconfigUsage,
            ShellGrammar(flags: "s", values: ["v", "file", "members", "add", "remove"])
        ) { options throws(ShellFailure) in
            ParsedShellCommand(
                command: .reconfigure(try reconfiguration(options), hasStat: options.has("s"))
            )
        },
    ]

    private static let reconfigUsage =
        "[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] |"
        + " [-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]"

    private static func reconfiguration(
        _ options: ShellOptions
    ) throws(ShellFailure) -> ReconfigRequest {
        let isWhole = options.has("file") || options.has("members")
        let isStep = options.has("add") || options.has("remove")
        guard isWhole || isStep else { throw ShellFailure("reconfig " + reconfigUsage) }
        let version = options.value("v").map { Int64($0, radix: 16) }
        guard let version = version ?? -1 else {
            throw ShellFailure("-v must be followed by a long (configuration version)")
        }
        if isWhole, isStep {
            throw ShellFailure(
                "Can't use -file or -members together with -add or -remove (mixing incremental"
                    + " and non-incremental modes is not allowed)"
            )
        }
        if options.has("file"), options.has("members") {
            throw ShellFailure(
                "Can't use -file and -members together (conflicting non-incremental modes)"
            )
        }
        if options.has("file") {
            throw ShellFailure("-file is not read here; give its server lines with -members")
        }
        return ReconfigRequest(
            joiningServers: options.value("add")?.lowercased(),
            leavingServers: options.value("remove")?.lowercased(),
            newMembers: options.value("members")?.lowercased(),
            currentConfigID: version
        )
    }
}
