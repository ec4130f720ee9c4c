import Flags
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster znode rm PATH`: removes a znode, with `--recursive` all below it too.
    static let znodeRemove = Subcommand(
        "znode rm",
        "Removes a znode.",
        options: [
            .flag("recursive", "also removes everything below it"),
            .value("version", "N", "only if the data has this version"),
            .server, .control,
        ],
        arguments: [.init("PATH", "absolute path of the znode")]
    ) { parsed, context throws(CommandFailure) in
        let path = parsed.arguments[0]
        let version = Int32(clamping: try parsed.number("version", in: 0...Int(Int32.max)) ?? -1)
        let isRecursive = parsed.has("recursive")
        try await context.withSession(parsed) { session, server throws(CommandFailure) in
            try await onRegistry(path, server) { () throws(ZooKeeperError) in
                do throws(ZooKeeperError) {
                    // First, so that a path or version that is refused takes nothing with it.
                    try await session.delete(path, version: version)
                } catch  where isRecursive && error.server == .notEmpty {
                    try await removeChildren(of: path, session)
                    try await session.delete(path, version: version)
                }
            }
        }
    }

    /// Removes everything below a path, deepest first; what others removed meanwhile is fine.
    private static func removeChildren(
        of path: String,
        _ session: ZooKeeperSession
    ) async throws(ZooKeeperError) {
        var pending = [path]
        var found: [String] = []
        while let next = pending.popLast() {
            for child in try await session.getChildren(next) {
                let childPath = ZNodePath.join(next, child)
                pending.append(childPath)
                found.append(childPath)
            }
        }
        for child in found.reversed() {
            do throws(ZooKeeperError) {
                try await session.delete(child)
            } catch  where error.server == .noNode {
                continue
            }
        }
    }
}
