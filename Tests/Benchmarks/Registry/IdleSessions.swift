import Runtime
import ServiceModel

extension Benchmark {
    static let idleSessions = Benchmark(
        name: "idle-sessions",
        summary: "5,000 idle sessions of 10 s ping a musterd and a C epoll echo, CPU a ping"
    ) {
        let daemon = try await SpawnedDaemon()
        let echo = try await EchoServer()
        let loop = EventLoop(name: "pings")
        guard let registry = SocketAddress(daemon.registry) else {
            throw BenchmarkFailure("\(daemon.registry) is no address")
        }
        let ours = PingLoad(loop, to: registry, .registry, count: 5_000)
        let theirs = PingLoad(loop, to: echo.address, .echo, count: 5_000)
        try await ours.connect()
        try await theirs.connect()
        var rounds: [(ours: PingCost, theirs: PingCost)] = []
        // The first round is a warm-up.
        for round in 0...5 {
            let echoed = try await cost(of: theirs, at: echo.id)
            let answered = try await cost(of: ours, at: daemon.id)
            if round > 0 { rounds.append((answered, echoed)) }
        }
        await ours.close()
        await theirs.close()
        await echo.stop()
        await daemon.stop()
        loop.stop()
        let lost = rounds.reduce(0) { $0 + $1.ours.lost }
        guard lost == 0 else { throw BenchmarkFailure("\(lost) sessions were closed") }
        let ratios = rounds.map { $0.ours.nanoseconds / $0.theirs.nanoseconds }
        return [
            Figure("pings a second", median(rounds.map(\.ours.pingsPerSecond)), ""),
            Figure("CPU a ping, musterd", median(rounds.map(\.ours.nanoseconds)) / 1_000, "us"),
            Figure("CPU a ping, C echo", median(rounds.map(\.theirs.nanoseconds)) / 1_000, "us"),
            Figure("musterd to C echo", median(ratios), "x", bar: 1.5),
            Figure("ping to reply, p99, musterd", median(rounds.map(\.ours.p99)) / 1_000, "us"),
            Figure("ping to reply, p99, C echo", median(rounds.map(\.theirs.p99)) / 1_000, "us"),
        ]
    }

    private struct PingCost {
        /// CPU of the server for each ping.
        var nanoseconds: Double
        var pingsPerSecond: Double
        var p99: Double
        var lost: Int
    }

    /// Lets one side ping for a while; the other's sessions outlive the silence.
    private static func cost(of load: PingLoad, at process: Int32) async throws -> PingCost {
        let clock = try ProcessClock(process)
        let (cpu, wall) = (clock.nanoseconds, wallNanoseconds())
        let progress = await load.run(for: .seconds(4))
        let used = clock.nanoseconds - cpu
        let seconds = Double(wallNanoseconds() - wall) / 1e9
        guard progress.replies > 0 else { throw BenchmarkFailure("no ping was answered") }
        return PingCost(
            nanoseconds: Double(used) / Double(progress.replies),
            pingsPerSecond: Double(progress.replies) / seconds,
            p99: progress.delays.quantile(0.99),
            lost: progress.lost
        )
    }

    /// The middle one of a few values.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
