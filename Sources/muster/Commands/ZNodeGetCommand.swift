import Flags
import FoundationEssentials
import Telemetry
import ZooKeeperClient
import ZooKeeperProtocol

extension Subcommand {
    /// `muster znode get PATH`: a znode's data, with `--stat` what the registry knows of it.
    static let znodeGet = Subcommand(
        "znode get",
        "Prints the data of a znode.",
        options: [
            .flag("stat", "also zxids, times, versions and owner"), .json, .server, .control,
        ],
        arguments: [.init("PATH", "absolute path of the znode")]
    ) { parsed, context throws(CommandFailure) in
        let path = parsed.arguments[0]
        let (data, stat) = try await context.withSession(parsed) {
            session,
            server throws(CommandFailure) in
            try await onRegistry(path, server) { () throws(ZooKeeperError) in
                try await session.getData(path)
            }
        }
        if parsed.has("json") {
            return try Output.json(ZNodeRow(path: path, data: data, stat: stat))
        }
        Output.line(data.map { String(decoding: $0, as: UTF8.self) } ?? "null")
        guard parsed.has("stat") else { return }
        for (name, value) in rows(of: stat) { Output.line("\(name) = \(value)") }
    }

    /// The fields in the order and with the names of zkCli.
    private static func rows(of stat: Stat) -> [(String, String)] {
        func hex(_ value: Int64) -> String { "0x" + String(UInt64(bitPattern: value), radix: 16) }
        func time(_ value: Int64) -> String { Timestamp(unixMilliseconds: value).text }
        return [
            ("cZxid", hex(stat.czxid)), ("ctime", time(stat.ctime)), ("mZxid", hex(stat.mzxid)),
            ("mtime", time(stat.mtime)), ("pZxid", hex(stat.pzxid)),
            ("cversion", "\(stat.cversion)"), ("dataVersion", "\(stat.version)"),
            ("aclVersion", "\(stat.aversion)"), ("ephemeralOwner", hex(stat.ephemeralOwner)),
            ("dataLength", "\(stat.dataLength)"), ("numChildren", "\(stat.numChildren)"),
        ]
    }
}

/// A znode as JSON; data that is not UTF-8 stands as Base64.
struct ZNodeRow: Encodable {
    let path: String
    let data: String?
    let base64: String?
    let version: Int32
    let ephemeralOwner: String
    let children: Int32

    /// The row of one znode.
    init(path: String, data: [UInt8]?, stat: Stat) {
        self.path = path
        let text = data.flatMap { String(validating: $0, as: UTF8.self) }
        self.data = text
        base64 = text == nil ? data.map { Data($0).base64EncodedString() } : nil
        version = stat.version
        ephemeralOwner = "0x" + String(UInt64(bitPattern: stat.ephemeralOwner), radix: 16)
        children = stat.numChildren
    }
}
