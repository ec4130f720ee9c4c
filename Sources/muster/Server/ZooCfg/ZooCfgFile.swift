import Flags
import ZooKeeperConfiguration

/// A `zoo.cfg` that was read: its values and servers, and what is wrong with its lines one by one.
///
/// Step of the data flow: between the bytes of files and `ZooCfgCheck`. Pure: what is on the disk comes in
/// as values. As in ZooKeeper the last line of a key holds.
struct ZooCfgFile: Sendable {
    /// Where the file says that its server keeps its data.
    enum DataFolder: Equatable, Sendable {
        case absent
        case noFolder
        /// The text of its `myid`, nil when there is none.
        case there(myid: String?)
    }
    /// A value and where it stands.
    struct Setting: Equatable, Sendable {
        let file: String
        let line: Int
        let value: String
    }
    /// A server and where it stands.
    struct Server: Equatable, Sendable {
        let file: String
        let line: Int
        /// As it is written, `server.01` perhaps.
        let key: String
        let server: ServerLine
    }

    /// As it was given.
    let path: String
    /// What is in `dataDir`; nil when that was not looked at.
    let folder: DataFolder?
    /// Every setting in the order of the lines; those of a dynamic file last.
    private(set) var order: [(key: String, setting: Setting)] = []
    private(set) var settings: [String: Setting] = [:]
    /// Servers by their number, in the order of the lines.
    private(set) var servers: [Server] = []
    var findings: [ZooCfgFinding] = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: As it was given.
    ///   - bytes: Its content.
    ///   - dynamic: The file that its `dynamicConfigFile` names, when it could be read.
    ///   - folder: What is in its `dataDir`; nil when that was not looked at.
    init(
        path: String,
        bytes: [UInt8],
        dynamic: (path: String, bytes: [UInt8])? = nil,
        folder: DataFolder? = nil
    ) {
        (self.path, self.folder) = (path, folder)
        take(bytes, of: path, isDynamic: false)
        if let dynamic { take(dynamic.bytes, of: dynamic.path, isDynamic: true) }
    }

    /// A value; nil when the key is not there.
    func value(_ key: String) -> String? { settings[key]?.value }

    /// A value that is a whole number, of those that Java takes.
    func number(_ key: String) -> Int? { value(key).flatMap { Int32($0) }.map(Int.init) }

    /// The servers that vote.
    var voters: [Server] { servers.filter { $0.server.role == .participant } }

    /// Where a finding about a key belongs.
    mutating func note(
        _ severity: ZooCfgFinding.Severity,
        _ key: String,
        _ message: String,
        advice: String? = nil,
        at setting: (file: String, line: Int)? = nil
    ) {
        let place = setting ?? settings[key].map { ($0.file, $0.line) }
        findings.append(
            ZooCfgFinding(
                file: place?.file ?? path,
                line: place?.line,
                severity: severity,
                key: key,
                message: message,
                advice: advice
            )
        )
    }

    private mutating func take(_ bytes: [UInt8], of file: String, isDynamic: Bool) {
        let properties: JavaProperties
        do throws(JavaProperties.Fault) {
            properties = try JavaProperties(bytes)
        } catch {
            note(
                .error,
                "syntax",
                error.message,
                advice: "Java refuses the whole file; write \\\\u for a backslash and a u",
                at: (file, error.line)
            )
            return
        }
        for entry in properties.entries {
            let setting = Setting(file: file, line: entry.line, value: entry.value)
            let earlier = settings.updateValue(setting, forKey: entry.key)
            order.append((entry.key, setting))
            if let earlier {
                let isServer = entry.key.hasPrefix("server.")
                note(
                    isServer ? .error : .warning,
                    entry.key,
                    isServer
                        ? "a second server with this number: the one in line \(earlier.line) is lost"
                        : "takes the place of line \(earlier.line)",
                    advice: isServer
                        ? "give each server a number of its own, the one in its myid" : nil
                )
            }
            look(at: entry, of: file, isDynamic: isDynamic)
        }
    }

    private mutating func look(at entry: JavaProperties.Entry, of file: String, isDynamic: Bool) {
        if entry.key.hasPrefix("server."), entry.key != "server." {
            do throws(ServerLine.Fault) {
                let line = try ServerLine(key: entry.key, value: entry.value)
                takeServer(Server(file: file, line: entry.line, key: entry.key, server: line))
            } catch {
                note(.error, entry.key, error.message, advice: "server.1=HOST:2888:3888")
            }
            return
        }
        // `server. 3=...` has the key `server.`: a blank ends it.
        guard !entry.key.hasSuffix("."), let parameter = ZooCfgParameter.named(entry.key) else {
            // reconfig writes the version into the dynamic file.
            if isDynamic, entry.key == "version" { return }
            return explainUnknown(entry.key)
        }
        if let fault = parameter.fault(of: entry.value) { note(.error, entry.key, fault) }
    }

    private mutating func takeServer(_ server: Server) {
        guard let other = servers.firstIndex(where: { $0.server.id == server.server.id }) else {
            servers.append(server)
            return
        }
        let earlier = servers[other]
        servers[other] = server
        // The same key twice was noted as such.
        guard earlier.key != server.key else { return }
        let message =
            "is server \(server.server.id) again, as \(earlier.key) in line \(earlier.line)"
        note(.error, server.key, message, advice: "give each server a number of its own")
    }

    private mutating func explainUnknown(_ key: String) {
        let prefix = "zookeeper."
        if ZooCfgParameter.onlyProperties.contains(key) {
            note(
                .warning,
                key,
                "has no effect in this file: it is a property of the Java machine",
                advice: "add -D\(key)=... to SERVER_JVMFLAGS, on Debian to JAVA_OPTS"
            )
        } else if key.hasPrefix(prefix),
            let short = ZooCfgParameter.named(String(key.dropFirst(prefix.count)))?.key
        {
            note(
                .warning,
                key,
                "has no effect: in this file the key has no zookeeper. in front",
                advice:
                    "write \(short.hasSuffix(".") ? String(key.dropFirst(prefix.count)) : short)"
            )
        } else if ["server", "group", "weight"].contains(where: { key == $0 || key == $0 + "." }) {
            note(
                .error,
                key,
                "a blank stands before the number",
                advice: "write server.1=HOST:2888:3888, without a blank before ="
            )
        } else {
            note(
                .warning,
                key,
                "ZooKeeper 3.8 has no such key, and does not say so",
                advice: Self.meant(by: key).map { "did you mean \($0)?" }
            )
        }
    }

    /// The known key that a wrong one is nearest to, in any case of letters.
    private static func meant(by key: String) -> String? {
        let known = ZooCfgParameter.all.keys.sorted()
        if let same = known.first(where: { $0.lowercased() == key.lowercased() }) { return same }
        if let same = known.first(where: { $0.hasSuffix("." + key) }) { return same }
        return Spelling.nearest(to: key, among: known, within: key.count < 6 ? 1 : 3)
    }
}
