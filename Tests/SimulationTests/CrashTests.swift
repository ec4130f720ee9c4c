import TestSupport
import Testing

/// Many clients, one server with its store, and a disk that forgets all that was not synced.
///
/// At each operation of the disk it is tried out what a kill or a power cut would leave, besides the crashes that the
/// run itself goes through. `MUSTER_SEED=N` begins with that seed; `MUSTER_SOAK=N` runs so many times as many.
@Suite struct CrashTests {
    /// Seeds of an everyday run.
    private static let seeds = 12
    /// Seeds in which a planted fault must be found.
    private static let seedsToFind = 40

    @Test func `a crash at any operation of the disk loses and invents nothing`() {
        var counts = RunCounts()
        let total = Self.seeds * Soak.factor
        for number in 0..<total {
            let seed = Seed.current &+ UInt64(number)
            switch Simulation.run(Self.plan(seed)) {
            case .success(let run): counts.add(run)
            case .failure(let fault):
                Issue.record("\(Simulation.report(Self.plan(seed), fault))")
                return
            }
            if counts.runs % 100 == 0 {
                print("crashes: \(counts.runs) seeds, \(counts.crashes.text)")
            }
        }
        print("crashes: \(counts.runs) seeds, \(counts.crashes.text)")
        #expect(counts.crashes.points > total * 200)
        // A seed has two folds on the average, and many have none.
        #expect(total < 100 || counts.crashes.folds > total / 4)
    }

    @Test(arguments: StoreFault.allCases)
    func `a store that is not right is found out`(_ fault: StoreFault) {
        for number in 0..<Self.seedsToFind {
            var plan = Self.plan(Seed.current &+ UInt64(number))
            plan.store?.fault = fault
            guard case .failure(let found) = Simulation.run(plan) else { continue }
            print("crashes: \(fault) is found by seed \(number + 1): \(found)")
            return
        }
        Issue.record("\(fault) is not found in \(Self.seedsToFind) seeds")
    }

    private static func plan(_ seed: UInt64) -> SimulationPlan {
        SimulationPlan(seed: seed, acts: 250, store: StorePlan())
    }
}
