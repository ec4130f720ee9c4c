import ZooKeeperConfiguration

/// What one parameter does in one file, for people.
struct ZooCfgExplanation: Encodable, Equatable, Sendable {
    let file: String
    /// Line in it; nil for what holds because no line says otherwise.
    let line: Int?
    let key: String
    let value: String
    let meaning: String

    /// Everything that stands in a file, and the most important of what does not.
    static func all(of file: ZooCfgFile) -> [ZooCfgExplanation] {
        let set = file.order.compactMap { key, setting -> ZooCfgExplanation? in
            // Of a key that stands twice the last line holds.
            guard file.settings[key] == setting else { return nil }
            let meaning = ZooCfgParameter.named(key)?.meaning ?? "Nothing: there is no such key."
            return ZooCfgExplanation(
                file: setting.file,
                line: setting.line,
                key: key,
                value: key.hasSuffix("superDigest") ? "..." : setting.value,
                meaning: ([meaning] + effect(of: key, in: file)).joined(separator: " ")
            )
        }
        let usual = notable.filter { file.settings[$0] == nil }
            .compactMap { ZooCfgParameter.all[$0] }
            .map { parameter in
                ZooCfgExplanation(
                    file: file.path,
                    line: nil,
                    key: parameter.key,
                    value: parameter.usual,
                    meaning: parameter.meaning
                )
            }
        return set + usual
    }

    /// Two lines: where and what, and what it means.
    var text: String {
        let place = line.map { "\(file):\($0)" } ?? "\(file): not set, so"
        return "\(place): \(key)=\(value)\n  \(meaning)"
    }

    /// What people ask for when it is not there.
    private static let notable = [
        "tickTime", "dataLogDir", "clientPortAddress", "minSessionTimeout", "maxSessionTimeout",
        "maxClientCnxns", "4lw.commands.whitelist", "autopurge.purgeInterval",
        "admin.enableServer", "admin.serverPort", "forceSync",
    ]

    /// What the value comes to.
    private static func effect(of key: String, in file: ZooCfgFile) -> [String] {
        let tick = file.tickMilliseconds
        switch key {
        case "tickTime": return ["Sessions last \(seconds(2 * tick)) to \(seconds(20 * tick))."]
        case "initLimit", "syncLimit":
            guard let ticks = file.number(key), ticks < Int(Int32.max) else { return [] }
            return ["\(ticks) ticks are \(seconds(ticks * tick))."]
        case let key where key.hasPrefix("server."):
            guard let line = file.servers.first(where: { $0.key == key })?.server else { return [] }
            let places = line.addresses.map { address in
                "\(address.host), quorum at \(address.quorumPort), elections at \(address.electionPort)"
            }
            let clients = line.clientPort.map { ["clients at \($0)"] } ?? []
            return ["\(line.role.rawValue) on " + (places + clients).joined(separator: ", ") + "."]
        default: return []
        }
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let thousandths = milliseconds % 1_000
        guard thousandths != 0 else { return "\(milliseconds / 1_000) s" }
        return "\(milliseconds) ms"
    }
}
