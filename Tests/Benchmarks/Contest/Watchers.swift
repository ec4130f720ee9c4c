import ZooKeeperProtocol

extension Benchmark {
    static let watchers = Benchmark(
        name: "watchers",
        summary: "one change to 1,000 watching sessions, beside ZooKeeper and bare sends"
    ) {
        let contest = try await Contest()
        let bare = BareServer()
        let bareLoad = RequestLoad(contest.loop, to: try await bare.start(), sessions: sessions)
        try await bareLoad.open()
        var loads: [Int32: RequestLoad] = [:]
        for contender in contest.contenders {
            let load = RequestLoad(contest.loop, to: contender.address, sessions: sessions)
            try await load.open()
            loads[contender.process] = load
        }
        let path = Contest.directory
        let watch = RequestTemplate(.getData(GetDataRequest(path: path, watch: true)))
        let change = RequestTemplate(
            .setData(SetDataRequest(path: path, data: RequestTemplate.data, version: -1))
        )
        let costs = try await contest.rounds(warmUps: 20, counted: 30) { contender in
            guard let load = loads[contender.process] else {
                throw BenchmarkFailure("no sessions at \(contender.address)")
            }
            _ = try await load.each(watch)
            return try await Contest.cost(of: contender) {
                (1, try await load.fire(change).nanoseconds)
            }
        }
        var bareCosts: [Cost] = []
        for _ in 0..<50 {
            _ = try await bareLoad.each(watch)
            let nanoseconds = try await bareLoad.fire(change).nanoseconds
            bareCosts.append(Cost(perSecond: 1e9 / Double(nanoseconds), microseconds: 0))
        }
        let floor = Figure(
            "change to last event, bare sends",
            median(bareCosts.dropFirst(20).map(\.milliseconds)),
            "ms"
        )
        for load in loads.values { try await load.close() }
        await bare.stop()
        await contest.stop()
        func figures(_ name: String, _ costs: [Cost]) -> [Figure] {
            [
                Figure("change to last event, \(name)", median(costs.map(\.milliseconds)), "ms"),
                Figure("CPU a change, \(name)", median(costs.map(\.microseconds)), "us"),
            ]
        }
        let ours = figures("musterd", costs.ours)
        guard contest.theirs != nil else { return ours + [floor] }
        let theirs = figures("ZooKeeper", costs.theirs)
        let ratio = ours[0].value / theirs[0].value
        return ours + theirs + [
            floor, Figure("change to last event, ratio", ratio, "x", bar: 1 / 3),
        ]
    }

    private static let sessions = 1_000
}

extension Cost {
    /// Of one operation after the other.
    fileprivate var milliseconds: Double { 1_000 / perSecond }
}
