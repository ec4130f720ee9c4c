import ServiceModel

/// What a change of an instance consists of, in words.
struct InstanceDifference: CustomStringConvertible {
    /// One clause for each part that differs; at most `partsMax` parameters are named.
    let clauses: [String]

    /// Parameters that are named before the rest is counted: a line stays readable.
    private static let partsMax = 4

    init(from old: Instance, to new: Instance) {
        var clauses: [String] = []
        func compare(_ name: String, _ old: String, _ new: String) {
            if old != new { clauses.append("\(name) \(Self.shown(old)) -> \(Self.shown(new))") }
        }
        if old.state.standing != new.state.standing {
            let standings = (old.state.standing.rawValue, new.state.standing.rawValue)
            clauses.append("\(standings.0) -> \(standings.1) (\(new.state.why))")
        }
        compare("weight", String(old.weight), String(new.weight))
        compare("endpoint", old.id.endpoint.description, new.id.endpoint.description)
        compare("scheme", old.id.scheme, new.id.scheme)
        compare("group", old.id.group, new.id.group)
        compare("version", old.id.version, new.id.version)
        compare("tag", old.id.tag, new.id.tag)
        compare("application", old.application, new.application)
        compare(
            "second address",
            old.alternateAddress?.description ?? "",
            new.alternateAddress?.description ?? ""
        )
        if old.parameters != new.parameters {
            clauses += Self.parameters(old.parameters.dictionary, new.parameters.dictionary)
        }
        if clauses.isEmpty { clauses = [Self.quiet(old, new)] }
        self.clauses = clauses
    }

    var description: String { clauses.joined(separator: ", ") }

    private static func parameters(_ old: [String: String], _ new: [String: String]) -> [String] {
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
        let named = names.prefix(partsMax).map {
            "\($0) \(shown(old[$0] ?? "")) -> \(shown(new[$0] ?? ""))"
        }
        let rest = names.count - named.count
        return rest > 0 ? named + ["\(rest) more parameters"] : named
    }

    /// What to say when nothing that people look at differs.
    private static func quiet(_ old: Instance, _ new: Instance) -> String {
        if old.origin.session != new.origin.session { return "registered by another session" }
        if old.origin.czxid != new.origin.czxid { return "registered anew" }
        if old.state.why != new.state.why { return new.state.why }
        if old.startedAt != new.startedAt { return "started anew" }
        if old.warmup != new.warmup { return "warm-up changed" }
        return "its znode was written"
    }

    private static func shown(_ text: String) -> String { text.isEmpty ? "none" : text }
}
