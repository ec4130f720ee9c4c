/// Runs worlds, and makes a failing one small enough to be read.
enum Simulation {
    /// One run.
    static func run(_ plan: SimulationPlan) -> Result<RunCounts, Fault> {
        let world = World(plan)
        do throws(Fault) {
            return .success(try world.run())
        } catch {
            return .failure(error)
        }
    }

    /// All that there is to say about a seed that fails: the fault, and the last steps of its smallest run.
    static func report(_ plan: SimulationPlan, _ fault: Fault) -> String {
        let small = smaller(plan)
        var traced = small
        traced.isTraced = true
        let world = World(traced)
        var found = fault
        do throws(Fault) { _ = try world.run() } catch { found = error }
        return """
            seed \(plan.seed) fails at happening \(world.happenings) with \(small.acts) acts\
            \(small.clients.map { " and \($0) clients" } ?? "")
            repeat it: MUSTER_SEED=\(plan.seed) swift test --filter SimulationTests
            \(found)
            \(world.initial)
            the last steps:
            \(world.trace.last.joined(separator: "\n"))
            """
    }

    /// The same seed with fewer acts and clients, as long as it fails.
    private static func smaller(_ plan: SimulationPlan) -> SimulationPlan {
        var best = plan
        func fails(_ candidate: SimulationPlan) -> Bool {
            if case .failure = run(candidate) { true } else { false }
        }
        for clients in 1...6 {
            var candidate = plan
            candidate.clients = clients
            if fails(candidate) {
                best = candidate
                break
            }
        }
        for _ in 0..<12 {
            var candidate = best
            candidate.acts = best.acts * 3 / 4
            guard candidate.acts > 0, fails(candidate) else { break }
            best = candidate
        }
        return best
    }
}
