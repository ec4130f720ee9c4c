public import ServiceModel

/// Weighted round robin that spreads each instance's turns evenly: Dubbo's `roundrobin`.
///
/// Each candidate gains its weight, the largest sum is picked (the earliest candidate on a tie) and
/// loses the total. Weights 5, 1, 1 give A A B A C A A. A candidate that left is forgotten; one whose
/// weight changed starts again from zero. With equal weights it is plain round robin: of any n
/// picks in a row over n candidates each gets one.
public struct RoundRobin: Sendable {
    private struct Turn {
        var weight: Int
        var current = 0
        var round: UInt64
    }

    private var turns: [InstanceID: Turn] = [:]
    private var round: UInt64 = 0

    /// Starts with no memory of earlier picks.
    public init() {}

    /// Picks one candidate.
    ///
    /// - Parameter candidates: Identities and weights in the same order each time; weights not
    ///   negative. Where all weights are 0, all count as 1.
    /// - Returns: An index into `candidates`, nil when there is none.
    /// - Complexity: O(n) in the candidates.
    public mutating func pick(_ candidates: [(id: InstanceID, weight: Int)]) -> Int? {
        guard candidates.count > 1 else { return candidates.isEmpty ? nil : 0 }
        round &+= 1
        let allZero = candidates.allSatisfy { $0.weight <= 0 }
        var total = 0
        var best = 0
        var bestCurrent = Int.min
        for (index, candidate) in candidates.enumerated() {
            let weight = allZero ? 1 : min(max(candidate.weight, 0), Limits.weightMax)
            var turn = turns[candidate.id] ?? Turn(weight: weight, round: round)
            if turn.weight != weight { turn = Turn(weight: weight, round: round) }
            turn.current += weight
            turn.round = round
            turns[candidate.id] = turn
            total += weight
            if turn.current > bestCurrent { (best, bestCurrent) = (index, turn.current) }
        }
        turns[candidates[best].id]?.current -= total
        if turns.count > candidates.count { turns = turns.filter { $0.value.round == round } }
        return best
    }
}
