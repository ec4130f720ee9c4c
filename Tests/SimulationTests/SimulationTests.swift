import TestSupport
import Testing

/// Many clients, one server, and whatever a network can do to them; the plain model says what is right.
///
/// `MUSTER_SEED=N` begins with that seed, so that a failing one is the first; `MUSTER_SOAK=N` runs so many times as many.
@Suite struct SimulationTests {
    /// Seeds of an everyday run.
    private static let seeds = 100
    /// After so many failing seeds a run ends.
    private static let faultsMax = 3

    @Test func `the server says what the plain model says, whatever the network does`() {
        var (counts, faults) = (RunCounts(), 0)
        let total = Self.seeds * Soak.factor
        for number in 0..<total {
            let plan = SimulationPlan(seed: Seed.current &+ UInt64(number))
            switch Simulation.run(plan) {
            case .success(let run): counts.add(run)
            case .failure(let fault):
                Issue.record("\(Simulation.report(plan, fault))")
                faults += 1
                guard faults < Self.faultsMax else { return }
            }
            if counts.runs % 1_000 == 0, faults == 0 { print("simulation: \(counts.text)") }
        }
        print("simulation: \(counts.text)")
        #expect(counts.replies > total * 50)
    }

    @Test func `a run is repeated exactly by its seed`() throws {
        let plan = SimulationPlan(seed: Seed.current, isTraced: true)
        let (first, second) = (World(plan), World(plan))
        do throws(Fault) {
            _ = try first.run()
            _ = try second.run()
        } catch {
            Issue.record("\(error)")
        }
        #expect(first.trace.last == second.trace.last)
        #expect(first.happenings == second.happenings)
    }
}
