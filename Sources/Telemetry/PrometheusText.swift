/// Builds Prometheus text, format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
///
/// ```
/// # HELP name what it counts
/// # TYPE name counter
/// name{label="value"} 42
/// ```
struct PrometheusText {
    /// What was built so far.
    private(set) var text = ""

    mutating func append(_ family: MetricsRegistry.Family, name: String) {
        text += "# HELP \(name) \(Self.escapeHelp(family.help))\n"
        text += "# TYPE \(name) \(family.kind.rawValue)\n"
        for (labels, instrument) in family.series {
            switch instrument {
            case .counter(let counter): line(name, labels, String(counter.value))
            case .gauge(let gauge): line(name, labels, String(gauge.value))
            case .value(let value): line(name, labels, Self.number(value))
            case .histogram(let histogram): append(histogram.snapshot, name, labels)
            }
        }
    }

    private mutating func append(
        _ snapshot: Histogram.Snapshot,
        _ name: String,
        _ labels: [(String, String)]
    ) {
        var upTo = 0
        for (end, count) in zip(Limits.bucketEnds, snapshot.counts) {
            upTo += count
            line(name + "_bucket", labels + [("le", Self.seconds(end))], String(upTo))
        }
        let total = String(snapshot.count)
        line(name + "_bucket", labels + [("le", "+Inf")], total)
        let (seconds, attoseconds) = snapshot.sum.components
        line(name + "_sum", labels, Self.number(Double(seconds) + Double(attoseconds) / 1e18))
        line(name + "_count", labels, total)
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.0)=\"\(Self.escapeValue($0.1))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " " + value + "\n"
    }

    /// True for letters, digits, `_` and `:` without a digit first.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
            default: false
            }
        }
    }

    /// Whole numbers without a fraction, as Swift prints the others.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        number(Double(nanoseconds) / 1e9)
    }

    private static func escapeHelp(_ text: String) -> String { escape(text, quote: false) }

    private static func escapeValue(_ text: String) -> String { escape(text, quote: true) }

    private static func escape(_ text: String, quote: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quote: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
