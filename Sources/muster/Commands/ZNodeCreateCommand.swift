import Flags
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster znode create PATH [DATA]`: a persistent znode, or a sequential one.
    static let znodeCreate = Subcommand(
        "znode create",
        "Creates a znode and prints its path.",
        options: [
            .flag("parents", "also creates what is missing above it"),
            .flag("sequential", "appends the parent's next number"),
            .json, .server, .control,
        ],
        arguments: [
            .init("PATH", "absolute path"), .init("DATA", "its data as text", isOptional: true),
        ],
        discussion:
            "An ephemeral znode would end with this command; muster register keeps one alive."
    ) { parsed, context throws(CommandFailure) in
        let path = parsed.arguments[0]
        let data = Array((parsed.arguments.count > 1 ? parsed.arguments[1] : "").utf8)
        let mode: CreateMode = parsed.has("sequential") ? .persistentSequential : .persistent
        let hasParents = parsed.has("parents")
        let created = try await context.withSession(parsed) {
            session,
            server throws(CommandFailure) in
            try await onRegistry(path, server, creates: true) { () throws(ZooKeeperError) in
                hasParents
                    ? try await session.createWithParents(path, data: data, mode: mode)
                    : try await session.create(path, data: data, mode: mode)
            }
        }
        if parsed.has("json") { return try Output.json(["path": created]) }
        Output.line(created)
    }
}
