public import DNSProtocol
public import ServiceModel

/// Why a question has the answer it has: for `muster explain`.
///
/// Step of the data flow: made from a snapshot of the view on the thread that asks; nothing is taken from
/// the answer table, so that a difference between the two can be seen.
public struct Explanation: Equatable, Sendable {
    /// What became of one instance.
    public struct Verdict: Equatable, Sendable {
        /// The instance, with its znode and state.
        public var instance: Instance
        /// True when it stands in the answer.
        public var isIn: Bool
        /// Why, a clause.
        public var why: String
    }

    /// The name asked for.
    public let name: DNSName
    /// The type asked for.
    public let type: RRType
    /// Origin of the zone that answers, nil for none.
    public internal(set) var zone: DNSName?
    /// Which kind of name it is, and what such a name shows.
    public internal(set) var rule = ""
    /// How the question goes.
    public internal(set) var rcode = RCODE.noError
    /// The records, in the form of a master file, each once.
    public internal(set) var answer: [String] = []
    /// The instances that were looked at, those in the answer first; bounded.
    public internal(set) var verdicts: [Verdict] = []
    /// What else to know: an outage, hidden registrations, names that collide.
    public internal(set) var notes: [String] = []

    init(_ name: DNSName, _ type: RRType) { (self.name, self.type) = (name, type) }

    /// The explanation as text, a fact a line.
    public var lines: [String] {
        var lines = ["question  \(name) \(type)", "zone      \(zone?.description ?? "none")"]
        lines.append("rule      \(rule)")
        for verdict in verdicts {
            let place = verdict.isIn ? "in       " : "out      "
            lines.append("\(place) \(Self.text(verdict.instance)): \(verdict.why)")
        }
        lines += notes.map { "note      \($0)" }
        lines.append("answer    \(outcome)")
        return lines + answer.map { "          \($0)" }
    }

    private var outcome: String {
        guard rcode == .noError else { return rcode.description }
        switch answer.count {
        case 0: return "NOERROR, no records of this type (NODATA)"
        case 1: return "NOERROR, 1 record"
        default: return "NOERROR, \(answer.count) records"
        }
    }

    /// Endpoint, what tells instances apart, and the znode.
    private static func text(_ instance: Instance) -> String {
        let id = instance.id
        let parts = [
            ("", id.scheme), ("version ", id.version), ("group ", id.group), ("tag ", id.tag),
        ]
        let described = parts.filter { !$0.1.isEmpty }.map { " \($0.0)\($0.1)" }.joined()
        return "\(id.endpoint)\(described) at \(instance.origin.path)"
    }
}
