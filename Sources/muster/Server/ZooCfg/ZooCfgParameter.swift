/// One key that ZooKeeper 3.8 reads from a `zoo.cfg`: its form, what holds without it, and what it does.
struct ZooCfgParameter: Sendable {
    /// What may stand behind the key.
    enum Form: Equatable, Sendable {
        case whole(ClosedRange<Int>)
        case boolean
        /// `yes` or `no`.
        case answer
        case text
    }

    let key: String
    let form: Form
    /// What holds when the key is absent, for people; empty where nothing does.
    let usual: String
    /// One sentence.
    let meaning: String

    init(_ key: String, _ form: Form, _ usual: String, _ meaning: String) {
        (self.key, self.form, self.usual, self.meaning) = (key, form, usual, meaning)
    }

    /// What is wrong with a value; nil when nothing is.
    func fault(of value: String) -> String? {
        switch form {
        case .whole(let range):
            guard let number = Int(value), range.contains(number) else {
                let least = range.lowerBound
                let bounds =
                    range.upperBound >= Int(Int32.max)
                    ? "of at least \(least)" : "from \(least) to \(range.upperBound)"
                return "takes a whole number \(bounds), not '\(value)'"
            }
            return nil
        case .boolean:
            let isOne = ["true", "false"].contains(value.lowercased())
            return isOne ? nil : "takes true or false, not '\(value)'"
        case .answer:
            return ["yes", "no"].contains(value) ? nil : "takes yes or no, not '\(value)'"
        case .text: return value.isEmpty ? "has no value" : nil
        }
    }

    /// The parameter of a key; keys with a number or a name in them (`server.1`) are known by their start.
    static func named(_ key: String) -> ZooCfgParameter? {
        all[key] ?? families.first { key.hasPrefix($0.key) }
    }

    /// The keys with one name, by it.
    static let all: [String: ZooCfgParameter] = {
        let list = basic + ensemble + limits + files + network + access + tuning
        return Dictionary(uniqueKeysWithValues: list.map { ($0.key, $0) })
    }()

    /// Those whose key goes on behind the point.
    static let families = [
        ZooCfgParameter(
            "server.",
            .text,
            "",
            "One server of the ensemble; the number is its myid."
        ),
        .init("group.", .text, "", "Servers that vote as one group of a hierarchical quorum."),
        .init(
            "weight.",
            .whole(0...Int(Int32.max)),
            "1",
            "Votes that the server has in its group."
        ),
        .init("authProvider.", .text, "", "Class that checks the credentials of a scheme."),
        .init("ssl.", .text, "", "Keys, certificates and protocols of TLS."),
        .init(
            "metricsProvider.",
            .text,
            "",
            "A setting of the class in metricsProvider.className."
        ),
        .init("pathStats.", .text, "", "Statistics of the paths that are asked for."),
        .init("admin.rateLimiter", .text, "", "How often a command of AdminServer may be asked."),
    ]

    /// Keys that Java's system properties have under just this name: a `zoo.cfg` cannot set them.
    ///
    /// ZooKeeper puts `zookeeper.` in front of every key it does not know itself.
    static let onlyProperties = [
        "jute.maxbuffer", "jute.maxbuffer.extrasize", "readonlymode.enabled",
        "znode.container.checkIntervalMs", "znode.container.maxPerMinute",
        "znode.container.maxNeverUsedIntervalMs",
    ]
}
