import ZooKeeperProtocol

// Commands about identities and access lists.
extension ShellVerb {
    static let accessVerbs: [ShellVerb] = [
        verb("addauth", "scheme auth", least: 2) { options in
            ParsedShellCommand(
                command: .addAuth(
                    scheme: options.arguments[1],
                    credential: Array(options.arguments[2].utf8)
                )
            )
        },
        ShellVerb("whoami", "") { _ in ParsedShellCommand(command: .whoAmI) },
        verb("getAcl", "[-s] path", ShellGrammar(flags: "s"), least: 1) { options in
            ParsedShellCommand(
                command: .getACL(path: options.arguments[1], hasStat: options.has("s"))
            )
        },
        verb(
            "setAcl",
            "[-s] [-v version] [-R] path acl",
            ShellGrammar(flags: "sR", values: ["v"]),
            least: 2
        ) { options throws(ShellFailure) in
            let parsed = ACLText.parse(options.arguments[2])
            return ParsedShellCommand(
                command: .setACL(
                    path: options.arguments[1],
                    acl: parsed.acl,
                    version: try options.version("v") ?? -1,
                    hasStat: options.has("s"),
                    isRecursive: options.has("R")
                ),
                notices: parsed.notices
            )
        },
    ]
}
