/// A quota, or the use of one, in the text that ZooKeeper keeps in `zookeeper_limits` and `zookeeper_stats`.
///
/// `count=5,bytes=-1`, and behind an `=` that ends the old form, `;key=value` of all further keys by name
/// (ZooKeeper 3.8 StatsTrack). -1 is no limit.
struct QuotaText: Equatable, Sendable {
    static let root = "/zookeeper/quota"
    static let limitsName = "zookeeper_limits"
    static let statsName = "zookeeper_stats"
    static let (count, bytes) = ("count", "bytes")
    static let (countHard, bytesHard) = ("countHardLimit", "byteHardLimit")

    /// No limits, with all four keys.
    static let unlimited: QuotaText = {
        var limits = QuotaText()
        for key in [count, bytes, countHard, bytesHard] { limits[key] = -1 }
        return limits
    }()

    /// The quota znode of a path; `limitsName` and `statsName` are its children.
    static func znode(of path: String) -> String { root + path }

    private var values: [String: Int64] = [:]

    /// Nothing said: both of the old keys are -1.
    init() {}

    /// Reads a text; nil for one that is none.
    init?(_ text: String) {
        for pair in text.split(whereSeparator: { $0 == "," || $0 == ";" }) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count > 1 else { return nil }
            guard let value = parts[1].isEmpty ? -1 : Int64(parts[1]) else { return nil }
            values[String(parts[0])] = value
        }
    }

    /// The value of a key, -1 when there is none.
    subscript(key: String) -> Int64 {
        get { values[key] ?? -1 }
        set { values[key] = newValue }
    }

    /// The text form.
    var text: String {
        let others = values.keys.filter { $0 != Self.count && $0 != Self.bytes }.sorted()
        let old = "count=\(self[Self.count]),bytes=\(self[Self.bytes])"
        guard !others.isEmpty else { return old }
        return old + "=" + others.map { ";\($0)=\(self[$0])" }.joined()
    }

    /// This quota with the limits that another one sets.
    func changed(by limits: QuotaText) -> QuotaText {
        var changed = self
        for (key, value) in limits.values where value > -1 { changed[key] = value }
        return changed
    }

    /// Warnings about limits below what is in use.
    func warnings(stats: QuotaText) -> [String] {
        var warnings: [String] = []
        for (name, soft, hard) in [
            ("count", Self.count, Self.countHard), ("bytes", Self.bytes, Self.bytesHard),
        ] {
            let used = stats[soft]
            guard [soft, hard].contains(where: { self[$0] > -1 && self[$0] < used }) else {
                continue
            }
            warnings.append(
                "[Warning]: the \(name) quota you create is less than the existing \(name):\(used)"
            )
        }
        return warnings
    }
}
