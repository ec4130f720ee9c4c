import Runtime
import ZooKeeperProtocol

extension Benchmark {
    static let readsAmongWrites = Benchmark(
        name: "reads-among-writes",
        summary: "one read at a time while 20,000 writes/s of 10 sessions arrive, beside ZooKeeper"
    ) {
        let contest = try await Contest()
        let reading = EventLoop(name: "reads")
        try await contest.makeZnodes(znodes)
        var seen: [Int32: (delays: Samples, writes: [Double])] = [:]
        for round in 0..<5 {
            for contender in contest.contenders {
                let (reads, writes) = try await measure(contest, contender, reading)
                // Two rounds, 120,000 writes and some 20,000 reads, warm the Java machine up.
                guard round >= 2 else { continue }
                seen[contender.process, default: (Samples(), [])].delays.add(reads.delays)
                seen[contender.process]?.writes.append(writes.perSecond)
            }
        }
        await contest.stop()
        reading.stop()
        func figures(_ name: String, _ contender: Contender) -> [Figure] {
            guard let (delays, writes) = seen[contender.process] else { return [] }
            return [
                Figure("writes a second, \(name)", median(writes), ""),
                Figure("read, median, \(name)", delays.quantile(0.5) / 1_000, "us"),
                Figure("read, p99, \(name)", delays.quantile(0.99) / 1_000, "us"),
            ]
        }
        let own = figures("musterd", contest.ours)
        guard let theirs = contest.theirs.map({ figures("ZooKeeper", $0) }) else { return own }
        return own + theirs + [
            Figure("read, p99, ratio", own[2].value / theirs[2].value, "x", bar: 1 / 2)
        ]
    }

    private static let znodes = 1_000

    private static func measure(
        _ contest: Contest,
        _ contender: Contender,
        _ reading: EventLoop
    ) async throws -> (reads: RequestLoad.Progress, writes: RequestLoad.Progress) {
        let path = RequestTemplate.path(below: Contest.directory)
        let writer = RequestLoad(contest.loop, to: contender.address, sessions: 10)
        let reader = RequestLoad(reading, to: contender.address, sessions: 1)
        try await writer.open()
        try await reader.open()
        let write = RequestTemplate(
            .setData(SetDataRequest(path: path, data: RequestTemplate.data, version: -1)),
            modulus: znodes
        )
        let read = RequestTemplate(
            .getData(GetDataRequest(path: path, watch: false)),
            modulus: znodes
        )
        // Two a millisecond on each of the ten sessions.
        async let writes = writer.run(write, perTick: 2, for: .seconds(3))
        let reads = try await reader.run(read, window: 1, for: .seconds(3))
        let result = (reads: reads, writes: try await writes)
        try await writer.close()
        try await reader.close()
        return result
    }
}
