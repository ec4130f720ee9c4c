import ServiceModel
import YAML
import ZooKeeperServer

extension Configuration {
    /// Reads a YAML text; the first fault ends it, and nothing of the text is used then.
    ///
    /// - Parameters:
    ///   - text: The whole file.
    ///   - file: Its path, for messages.
    ///   - base: What holds where the text says nothing.
    /// - Throws: `ConfigurationError` with file, line, column and key.
    init(
        text: String,
        file: String,
        over base: Configuration = Configuration()
    ) throws(ConfigurationError) {
        self = base
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLDocument.parse(text)
        } catch {
            throw ConfigurationError(
                place: "\(file):\(error.line):\(error.column)",
                key: "",
                message: error.message
            )
        }
        guard let root, !root.isNull else { return }
        guard let entries = root.entries else {
            throw ConfigurationError(
                place: "\(file):\(root.line):\(root.column)",
                key: "",
                message: "a configuration is a mapping of keys, not a \(root.kindName)"
            )
        }
        try take(entries, below: "", file: file)
    }

    /// Overrides one key, as `--set dns.listen=127.0.0.1:0` does.
    ///
    /// - Parameter assignment: `key=value`; the value is YAML, so lists are `[a, b]`.
    /// - Throws: `ConfigurationError` with the key.
    mutating func set(_ assignment: String) throws(ConfigurationError) {
        guard let equals = assignment.firstIndex(of: "=") else {
            throw ConfigurationError(
                place: "--set \(assignment)",
                key: "",
                message: "takes key=value"
            )
        }
        let path = String(assignment[..<equals])
        let value = String(assignment[assignment.index(after: equals)...])
        guard let key = ConfigurationKeys.all.first(where: { $0.path == path }) else {
            throw ConfigurationError(place: "--set", key: path, message: Self.unknown(path))
        }
        let parsed: YAMLNode?
        do throws(YAMLError) {
            // Alone it would be the beginning of an alias.
            parsed = try YAMLDocument.parse(value == "*" ? "'*'" : value)
        } catch {
            throw ConfigurationError(place: "--set", key: path, message: error.message)
        }
        let empty = YAMLNode(.scalar("", quoted: true), line: 1, column: 1)
        try apply(key, parsed ?? empty, place: "--set")
    }

    /// Refuses a `zoo.cfg` beside a connect string, of which only one can be meant.
    ///
    /// - Throws: `ConfigurationError` with the key to remove.
    func checkSource() throws(ConfigurationError) {
        guard let file = registry.zooCfg, registry.connect != nil else { return }
        throw ConfigurationError(
            place: "configuration",
            key: "registry.zooCfg",
            message: "\(file) says where the registry is, and so does registry.connect; remove "
                + "one of the two"
        )
    }

    /// Refuses what would be unsafe or senseless although each key alone is fine.
    ///
    /// - Throws: `ConfigurationError` with the key to change.
    func checkWhole() throws(ConfigurationError) {
        if registry.connect == nil, !registry.auth.isEmpty || registry.observe {
            throw ConfigurationError(
                place: "configuration",
                key: registry.observe ? "registry.observe" : "registry.auth",
                message: "is for an ensemble that others run, and the registry here is the "
                    + "daemon's own; name the ensemble with registry.connect, or remove it"
            )
        }
        if registry.connect == nil {
            do throws(RegistryError) {
                try RegistryConfiguration(registry).check()
            } catch {
                throw ConfigurationError(
                    place: "configuration",
                    key: "registry",
                    message: error.message
                )
            }
        }
        let address = registry.listen.address
        if registry.connect == nil, !address.isLoopback, !registry.allowAnonymous {
            throw ConfigurationError(
                place: "configuration",
                key: "registry.listen",
                message: "\(address) can be reached from other hosts, and anyone there could "
                    + "register and delete; listen on 127.0.0.1, or set "
                    + "registry.allowAnonymous: true"
            )
        }
        if dns.origins.isEmpty {
            throw ConfigurationError(
                place: "configuration",
                key: "dns.origins",
                message: "needs at least one zone"
            )
        }
    }

    private mutating func take(
        _ entries: [YAMLNode.Entry],
        below parent: String,
        file: String
    ) throws(ConfigurationError) {
        for entry in entries {
            let path = parent.isEmpty ? entry.key : parent + "." + entry.key
            let place = "\(file):\(entry.line):\(entry.column)"
            if let key = ConfigurationKeys.all.first(where: { $0.path == path }) {
                try apply(key, entry.value, place: place)
            } else if ConfigurationKeys.all.contains(where: { $0.path.hasPrefix(path + ".") }) {
                if entry.value.isNull { continue }
                guard let inner = entry.value.entries else {
                    throw ConfigurationError(
                        place: place,
                        key: path,
                        message: "takes a mapping of keys"
                    )
                }
                try take(inner, below: path, file: file)
            } else {
                throw ConfigurationError(place: place, key: path, message: Self.unknown(path))
            }
        }
    }

    private mutating func apply(
        _ key: ConfigurationKey,
        _ node: YAMLNode,
        place: String
    ) throws(ConfigurationError) {
        do throws(ConfigurationKey.Refusal) {
            try key.apply(&self, node)
        } catch {
            throw ConfigurationError(place: place, key: key.path, message: error.message)
        }
    }

    private static func unknown(_ path: String) -> String {
        let section = path.split(separator: ".").first.map(String.init) ?? ""
        let near = ConfigurationKeys.all.map(\.path).filter { $0.hasPrefix(section + ".") }
        return near.isEmpty
            ? "no such key; sections are registry, dns, console, alerts, log"
            : "no such key; there are " + near.joined(separator: ", ")
    }
}
