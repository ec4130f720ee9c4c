@testable import ZooKeeperServer

/// What is to be run.
struct SimulationPlan {
    var seed: UInt64
    /// Things that clients do before it gets calm.
    var acts = 150
    /// Instead of the number that the seed gives.
    var clients: Int?
    var isTraced = false
    /// Changes what the engine says, so that the checker can be tested.
    var tamper: ((ServerAction) -> [ServerAction])?
    /// More would be a run without an end.
    var happeningsMax = 2_000_000
}

/// How much was run.
struct RunCounts {
    var runs = 0
    var acts = 0
    var happenings = 0
    var replies = 0
    var events = 0
    var expired = 0

    mutating func add(_ other: RunCounts) {
        runs += other.runs
        acts += other.acts
        happenings += other.happenings
        replies += other.replies
        events += other.events
        expired += other.expired
    }

    var text: String {
        "\(runs) seeds, \(acts) acts, \(happenings) happenings, \(replies) replies and \(events)"
            + " events compared, \(expired) sessions expired"
    }
}
