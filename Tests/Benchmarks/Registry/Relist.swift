import Runtime
import ServiceModel
import ZooKeeperProtocol

extension Benchmark {
    static let relist = Benchmark(
        name: "relist",
        summary: "1,000 consumers list 1,000 providers after each change, beside ZooKeeper 3.8"
    ) {
        let daemon = try await SpawnedDaemon()
        let peer = try await ZooKeeperPeer()
        let loop = EventLoop(name: "consumers")
        guard let registry = SocketAddress(daemon.registry) else {
            throw BenchmarkFailure("\(daemon.registry) is no address")
        }
        let ours = Consumers(loop, to: registry, count: 1_000)
        let theirs = try await consumers(of: peer, loop)
        try await ours.connect()
        try await ours.register(1_000)
        try await theirs.register(1_000)
        var figures: [Figure] = []
        for opCode in [OpCode.getChildren, .getChildren2] {
            figures += try await compare(ours, daemon.id, theirs, peer.id, opCode)
        }
        await ours.close()
        await theirs.close()
        await peer.stop()
        await daemon.stop()
        loop.stop()
        return figures
    }

    /// Java takes a while until it listens.
    private static func consumers(
        of peer: ZooKeeperPeer,
        _ loop: EventLoop
    ) async throws -> Consumers {
        var refusal: (any Error)?
        let end = wallNanoseconds() + 60_000_000_000
        while wallNanoseconds() < end {
            let consumers = Consumers(loop, to: peer.address, count: 1_000)
            do {
                try await consumers.connect()
                return consumers
            } catch {
                refusal = error
                await consumers.close()
            }
        }
        throw BenchmarkFailure("ZooKeeper did not start: \(refusal.map { "\($0)" } ?? "")")
    }

    private static func compare(
        _ ours: Consumers,
        _ ourProcess: Int32,
        _ theirs: Consumers,
        _ theirProcess: Int32,
        _ opCode: OpCode
    ) async throws -> [Figure] {
        try await ours.list(opCode)
        try await theirs.list(opCode)
        var rounds: [(ours: ListCost, theirs: ListCost)] = []
        // Three rounds, 24,000 listings, warm the Java machine up.
        for round in 0..<8 {
            let answered = try await cost(of: ours, at: ourProcess, from: round * 4)
            let peers = try await cost(of: theirs, at: theirProcess, from: round * 4)
            if round >= 3 { rounds.append((answered, peers)) }
        }
        let word = opCode == .getChildren ? "getChildren" : "getChildren2"
        let ratios = rounds.map { $0.ours.microseconds / $0.theirs.microseconds }
        return [
            Figure("\(word): kB a listing", median(rounds.map(\.ours.bytes)) / 1_000, "kB"),
            Figure(
                "\(word): CPU a listing, musterd",
                median(rounds.map(\.ours.microseconds)),
                "us"
            ),
            Figure(
                "\(word): CPU a listing, ZooKeeper",
                median(rounds.map(\.theirs.microseconds)),
                "us"
            ),
            Figure("\(word): change to last list, musterd", median(rounds.map(\.ours.wait)), "ms"),
            Figure(
                "\(word): change to last list, ZooKeeper",
                median(rounds.map(\.theirs.wait)),
                "ms"
            ),
            Figure(
                "\(word): musterd to ZooKeeper",
                median(ratios),
                "x",
                bar: opCode == .getChildren ? 1 / 3 : nil
            ),
        ]
    }

    private struct ListCost {
        /// CPU of the server for each listing.
        var microseconds: Double
        var bytes: Double
        /// From a change until all have listed, milliseconds.
        var wait: Double
    }

    /// Four providers restart: eight changes.
    private static func cost(
        of consumers: Consumers,
        at process: Int32,
        from first: Int
    ) async throws -> ListCost {
        let clock = try ProcessClock(process)
        let before = (await consumers.listings, await consumers.bytes)
        let (cpu, wall) = (clock.nanoseconds, wallNanoseconds())
        for number in first..<first + 4 { try await consumers.restart(number) }
        let used = Double(clock.nanoseconds - cpu)
        let time = Double(wallNanoseconds() - wall)
        let listings = Double(await consumers.listings - before.0)
        return ListCost(
            microseconds: used / listings / 1_000,
            bytes: Double(await consumers.bytes - before.1) / listings,
            wait: time / 8 / 1_000_000
        )
    }
}
