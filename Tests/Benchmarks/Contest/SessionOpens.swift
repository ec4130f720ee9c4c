extension Benchmark {
    static let sessionOpens = Benchmark(
        name: "session-opens",
        summary: "4,000 connections that ask for a session, 64 at a time, beside ZooKeeper"
    ) {
        let contest = try await Contest()
        let costs = try await contest.rounds(warmUps: 3, counted: 5) { contender in
            let load = RequestLoad(contest.loop, to: contender.address, sessions: sessionsOpened)
            let cost = try await Contest.cost(of: contender) {
                (sessionsOpened, try await load.open())
            }
            try await load.close()
            return cost
        }
        await contest.stop()
        return Contest.figures("session opens", costs, factor: 3, share: 1 / 3)
    }

    private static let sessionsOpened = 4_000
}
