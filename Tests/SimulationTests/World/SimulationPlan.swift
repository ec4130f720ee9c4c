@testable import ZooKeeperServer

/// What is to be run.
struct SimulationPlan {
    var seed: UInt64
    /// Things that clients do before it gets calm.
    var acts = 150
    /// Instead of the number that the seed gives.
    var clients: Int?
    var isTraced = false
    /// With a store on a simulated disk, which crashes.
    var store: StorePlan?
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
    var crashes = CrashCounts()

    mutating func add(_ other: RunCounts) {
        runs += other.runs
        acts += other.acts
        happenings += other.happenings
        replies += other.replies
        events += other.events
        expired += other.expired
        crashes.add(other.crashes)
    }

    var text: String {
        "\(runs) seeds, \(acts) acts, \(happenings) happenings, \(replies) replies and \(events)"
            + " events compared, \(expired) sessions expired"
    }
}

/// What was done to the store.
struct CrashCounts {
    /// Starts from what a power cut or a kill left, each compared with the model.
    var points = 0
    /// Those of them that crashed once more before they were done, or after they had served.
    var nested = 0
    /// Of the run itself.
    var crashes = 0
    var operations = 0
    var segments = 0
    var folds = 0
    /// Writes that there was no room for, and syncs that failed.
    var shortages = 0
    var failures = 0

    mutating func add(_ other: CrashCounts) {
        points += other.points
        nested += other.nested
        crashes += other.crashes
        operations += other.operations
        segments += other.segments
        folds += other.folds
        shortages += other.shortages
        failures += other.failures
    }

    var text: String {
        "\(points) crash points (\(nested) nested) at \(operations) disk operations, \(crashes) crashes"
            + " of the run itself, \(segments) segments, \(folds) folds, \(shortages) writes without room, \(failures) failed syncs"
    }
}
