import Flags
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster znode set PATH DATA`: replaces a znode's data.
    static let znodeSet = Subcommand(
        "znode set",
        "Replaces the data of a znode.",
        options: [
            .value("version", "N", "only if the data has this version"), .json, .server,
            .control,
        ],
        arguments: [.init("PATH", "absolute path"), .init("DATA", "the new data as text")]
    ) { parsed, context throws(CommandFailure) in
        let path = parsed.arguments[0]
        let data = Array(parsed.arguments[1].utf8)
        let version = Int32(clamping: try parsed.number("version", in: 0...Int(Int32.max)) ?? -1)
        let stat = try await context.withSession(parsed) { session, server throws(CommandFailure) in
            try await onRegistry(path, server) { () throws(ZooKeeperError) in
                try await session.setData(path, data: data, version: version)
            }
        }
        if parsed.has("json") { return try Output.json(["version": stat.version]) }
        Output.line("version \(stat.version)")
    }
}
