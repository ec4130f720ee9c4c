import ZooKeeperProtocol

extension Benchmark {
    static let reads = Benchmark(
        name: "reads",
        summary: "pipelined getData of 1,000 znodes by 1, 10, 100 sessions, beside ZooKeeper"
    ) {
        let contest = try await Contest()
        try await contest.makeZnodes(znodesRead)
        var figures: [Figure] = []
        for (sessions, window) in [(1, 1_000), (10, 200), (100, 50)] {
            let costs = try await contest.rounds(warmUps: 2, counted: 3) { contender in
                try await Self.reads(contest, contender, sessions: sessions, window: window)
            }
            figures += Contest.figures("reads by \(sessions)", costs, factor: 3, share: 1 / 4)
        }
        await contest.stop()
        return figures
    }

    private static let znodesRead = 1_000
    private static let readsPerRound = 200_000

    private static func reads(
        _ contest: Contest,
        _ contender: Contender,
        sessions: Int,
        window: Int
    ) async throws -> Cost {
        let load = RequestLoad(contest.loop, to: contender.address, sessions: sessions)
        try await load.open()
        let path = RequestTemplate.path(below: Contest.directory)
        let template = RequestTemplate(
            .getData(GetDataRequest(path: path, watch: false)),
            modulus: znodesRead
        )
        let cost = try await Contest.cost(of: contender) {
            let progress = try await load.run(template, window: window, requests: readsPerRound)
            guard progress.failures == 0 else {
                throw BenchmarkFailure("\(progress.failures) reads failed")
            }
            return (progress.replies, progress.nanoseconds)
        }
        try await load.close()
        return cost
    }
}
