internal import ServiceModel

/// Which servers' names are being looked up, and which answers came too late for their attempt.
///
/// Step of the data flow: between an attempt and the system's resolver, which nobody can call back: a
/// look-up that an attempt gave up stays out, and its answer is kept for the next one. Invariants: at most
/// one look-up a server and `Limits.lookUpsMax` in all; a kept answer serves one attempt, within
/// `Limits.lookUpAnswerAgeMax`. Owner: the engine.
struct LookUpTable: Equatable {
    private enum Entry: Equatable {
        case underWay(since: Instant)
        case answered(at: Instant)
    }

    private var entries: [Int: Entry] = [:]

    /// Servers whose names are being looked up, in order.
    var underWay: [Int] {
        entries.filter { if case .underWay = $0.value { true } else { false } }.keys.sorted()
    }

    /// The name of this one is being looked up.
    func isUnderWay(_ server: Int) -> Bool {
        if case .underWay = entries[server] { true } else { false }
    }

    /// A look-up is to start.
    ///
    /// - Returns: False, with nothing noted, where one is under way or too many are.
    mutating func begin(_ server: Int, now: Instant) -> Bool {
        guard !isUnderWay(server), underWay.count < Limits.lookUpsMax else { return false }
        entries[server] = .underWay(since: now)
        return true
    }

    /// A look-up has ended; with an answer, that is kept until it is taken.
    mutating func ended(_ server: Int, hasAnswer: Bool, now: Instant) {
        guard isUnderWay(server) else { return }
        entries[server] = hasAnswer ? .answered(at: now) : nil
    }

    /// Takes a kept answer.
    ///
    /// - Returns: False where there is none, or none that is fresh.
    mutating func take(_ server: Int, now: Instant) -> Bool {
        guard case .answered(let moment) = entries[server] else { return false }
        entries[server] = nil
        return isFresh(moment, now)
    }

    /// The first server with a fresh answer.
    func answered(now: Instant) -> Int? {
        entries.keys.sorted().first { server in
            if case .answered(let moment) = entries[server] { isFresh(moment, now) } else { false }
        }
    }

    /// When the last of those under way has had so much time; nil when all have had it.
    func end(after limit: Duration, now: Instant) -> Instant? {
        entries.values.compactMap { entry in
            guard case .underWay(let start) = entry, start + limit > now else { return nil }
            return start + limit
        }.max()
    }

    private func isFresh(_ moment: Instant, _ now: Instant) -> Bool {
        now - moment <= Limits.lookUpAnswerAgeMax
    }
}
