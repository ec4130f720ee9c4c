import Console
import FoundationEssentials

/// What a daemon's znode below `/muster/daemons` tells of it.
///
/// JSON with these names; what is missing or of another type is nil, as other versions may tell less.
struct DaemonEntry: Equatable, Sendable {
    /// The part that stands in the znode's data.
    struct Facts: Codable, Equatable, Sendable {
        /// The machine's name.
        var host: String?
        /// Process id.
        var pid: Int?
        /// Address of its DNS.
        var dns: String?
        /// URL of its console.
        var console: String?
        /// Version of the program.
        var version: String?
        /// When it started, ISO 8601.
        var startedAt: String?
        /// How many webhooks it calls; one without any has no part in calling them.
        var webhooks: Int?
    }

    /// Name of its znode.
    let id: String
    /// What it tells of itself.
    let facts: Facts
    /// True for the daemon that reads this.
    let isOwn: Bool

    /// Reads a znode's data; nothing in it is trusted.
    init(id: String, data: [UInt8], isOwn: Bool) {
        (self.id, self.isOwn) = (id, isOwn)
        do {
            facts = try JSONDecoder().decode(Facts.self, from: Data(data))
        } catch {
            facts = Facts()
        }
    }

    /// True when it has a part in calling webhooks.
    var sendsAlerts: Bool { facts.webhooks != 0 }

    /// The section of `/v1/status`.
    var value: JSONValue {
        var fields: [String: JSONValue] = ["id": .string(id), "own": .bool(isOwn)]
        fields["pid"] = facts.pid.map { .integer(Int64($0)) }
        fields["webhooks"] = facts.webhooks.map { .integer(Int64($0)) }
        let texts = [
            ("host", facts.host), ("dns", facts.dns), ("console", facts.console),
            ("version", facts.version), ("startedAt", facts.startedAt),
        ]
        for (name, text) in texts { fields[name] = text.map { .string($0) } }
        return .object(fields)
    }
}

extension DaemonEntry.Facts {
    /// The znode's data.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
