import Flags
import ZooKeeperClient

extension Subcommand {
    /// `muster znode ls PATH`: the children of a znode, sorted.
    static let znodeList = Subcommand(
        "znode ls",
        "Lists the children of a znode.",
        options: [.json, .server, .control],
        arguments: [.init("PATH", "absolute path of the znode")]
    ) { parsed, context throws(CommandFailure) in
        let path = parsed.arguments[0]
        let children = try await context.withSession(parsed) {
            session,
            server throws(CommandFailure) in
            try await onRegistry(path, server) { () throws(ZooKeeperError) in
                try await session.getChildren(path)
            }
        }
        if parsed.has("json") { return try Output.json(children.sorted()) }
        for child in children.sorted() { Output.line(child) }
    }
}
