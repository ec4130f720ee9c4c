import ZooKeeperProtocol

extension Benchmark {
    static let creates = Benchmark(
        name: "creates",
        summary: "pipelined ephemerals of 200-byte names by 1, 10, 100 sessions, beside ZooKeeper"
    ) {
        let contest = try await Contest()
        var figures: [Figure] = []
        // As many under way as either server answers without holding more back.
        for (sessions, window) in [(1, 1_000), (10, 200), (100, 50)] {
            let costs = try await contest.rounds(warmUps: 2, counted: 3) { contender in
                try await Self.creates(contest, contender, sessions: sessions, window: window)
            }
            let work = "creates by \(sessions)"
            figures += Contest.figures(work, costs, factor: 3, share: 1 / 5)
        }
        await contest.stop()
        return figures
    }

    /// 60 MB of the log: each round is folded once.
    private static let createsPerRound = 200_000

    /// The sessions are new in each round, and take their znodes with them at its end.
    private static func creates(
        _ contest: Contest,
        _ contender: Contender,
        sessions: Int,
        window: Int
    ) async throws -> Cost {
        let load = RequestLoad(contest.loop, to: contender.address, sessions: sessions)
        try await load.open()
        let path = RequestTemplate.path(below: Contest.directory)
        let template = RequestTemplate(
            .create(CreateRequest(path: path, data: RequestTemplate.data, mode: .ephemeral))
        )
        let cost = try await Contest.cost(of: contender, isSettled: true) {
            let progress = try await load.run(
                template,
                window: window,
                requests: createsPerRound
            )
            guard progress.failures == 0 else {
                throw BenchmarkFailure("\(progress.failures) creates failed")
            }
            return (progress.replies, progress.nanoseconds)
        }
        try await load.close()
        return cost
    }
}
