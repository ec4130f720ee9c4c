import ServiceModel
import ZNodeTree

extension ServerEngine {
    /// Counts what went beyond a quota, and says so in the log now and then.
    mutating func note(_ excesses: [QuotaExcess]) {
        for excess in excesses {
            statistics.quotaExcesses += 1
            if let text = quotaWarnings.text(for: excess, now: turnStart) { warnings.append(text) }
        }
    }
}

/// What was said lately about which quota: one line for each in an interval, with a count of those not said.
struct QuotaWarnings {
    private struct Key: Hashable {
        var path: String
        var measure: QuotaExcess.Measure
    }
    private var said: [Key: (at: Instant, silenced: Int)] = [:]

    /// The line for the log; nil when the same was said a short while ago.
    mutating func text(for excess: QuotaExcess, now: Instant) -> String? {
        let key = Key(path: excess.path, measure: excess.measure)
        if let last = said[key], now - last.at < Limits.quotaWarningPause {
            said[key] = (last.at, last.silenced + 1)
            return nil
        }
        if said[key] == nil, said.count >= Limits.quotaWarningsMax {
            said = said.filter { now - $0.value.at < Limits.quotaWarningPause }
            guard said.count < Limits.quotaWarningsMax else { return nil }
        }
        let silenced = said.updateValue((now, 0), forKey: key)?.silenced ?? 0
        return Self.text(excess) + (silenced > 0 ? "; and \(silenced) times before" : "")
    }

    private static func text(_ excess: QuotaExcess) -> String {
        let unit = excess.measure == .count ? "nodes" : "bytes"
        let kind = excess.isHard ? "hard" : "soft"
        return "quota of \(excess.path): \(excess.value) \(unit) where \(excess.limit) may be "
            + "(\(kind) limit, change \(excess.isRefused ? "refused" : "made"))"
    }
}
