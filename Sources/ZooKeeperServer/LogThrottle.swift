import ServiceModel

/// Lets through so many lines of each kind a second, and counts those it keeps back.
///
/// Whoever misuses the registry must not be able to fill a disk with the lines about it, nor to hide another
/// fault behind them: each kind of reason has its own allowance.
struct LogThrottle {
    private struct Allowance {
        var start = Instant(nanoseconds: .min)
        var lines = 0
        var keptBack = 0
    }
    private var allowances: [ClosingReason.Kind: Allowance] = [:]

    /// Asks for one line.
    ///
    /// - Returns: How many lines of the kind were kept back before this one; nil keeps this one back too.
    mutating func admit(_ kind: ClosingReason.Kind, now: Instant) -> Int? {
        var allowance = allowances[kind] ?? Allowance()
        defer { allowances[kind] = allowance }
        if allowance.lines == 0 || now - allowance.start >= .seconds(1) {
            (allowance.start, allowance.lines) = (now, 0)
        }
        guard allowance.lines < Limits.logLinesPerSecondMax else {
            allowance.keptBack += 1
            return nil
        }
        allowance.lines += 1
        defer { allowance.keptBack = 0 }
        return allowance.keptBack
    }

    /// Lines kept back of kinds of which no other has come for a second; they are told of once.
    mutating func takeKeptBack(now: Instant) -> [(kind: ClosingReason.Kind, count: Int)] {
        var sums: [(kind: ClosingReason.Kind, count: Int)] = []
        for kind in ClosingReason.Kind.allCases {
            guard let allowance = allowances[kind], allowance.keptBack > 0,
                now - allowance.start >= .seconds(1)
            else { continue }
            sums.append((kind, allowance.keptBack))
            allowances[kind]?.keptBack = 0
        }
        return sums
    }
}
