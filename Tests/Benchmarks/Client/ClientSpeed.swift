import Glibc
import Runtime
import ServiceModel
import ZooKeeperClient
import ZooKeeperProtocol

extension Benchmark {
    static let client = Benchmark(
        name: "client",
        summary: "pipelined gets and ephemeral creates of one client, beside ZooKeeper's C client"
    ) {
        let daemon = try await SpawnedDaemon()
        let program = try await CProgram()
        let loop = EventLoop(name: "client")
        try await withSession(at: daemon.registry, loop) { session in
            try await session.create("/client")
            let creates = (0..<1_000).map { number in
                Request.create(create("n-", number, mode: .persistent))
            }
            for answer in await session.batch(creates) { _ = try answer.get() }
        }
        var figures: [Figure] = []
        for work in ["get", "create"] {
            var costs: (ours: [Cost], theirs: [Cost]) = ([], [])
            // The first round does not count.
            for round in 0...roundsCounted {
                let ours = try await own(work, at: daemon.registry, loop)
                let theirs = try await program.run(
                    work,
                    at: daemon.registry,
                    count: requestsPerRound,
                    window: window
                )
                guard round > 0 else { continue }
                costs.ours.append(ours)
                costs.theirs.append(theirs)
            }
            figures += Self.figures("\(work)s", costs)
        }
        loop.stop()
        await daemon.stop()
        return figures
    }

    private static let roundsCounted = 5
    private static let requestsPerRound = 40_000
    /// As many as a batch has on the way.
    private static let window = 1_000

    /// One round in this process, which does nothing else meanwhile.
    private static func own(
        _ work: String,
        at server: String,
        _ loop: EventLoop
    ) async throws -> Cost {
        try await withSession(at: server, loop) { session in
            try await run(work, 0..<requestsPerRound / 10, session)
            let clock = try ProcessClock(getpid())
            let (start, used) = (wallNanoseconds(), clock.nanoseconds)
            let first = requestsPerRound / 10
            try await run(work, first..<first + requestsPerRound, session)
            let (took, cpu) = (wallNanoseconds() - start, clock.nanoseconds - used)
            return Cost(
                perSecond: Double(requestsPerRound) / (Double(took) / 1e9),
                microseconds: Double(cpu) / Double(requestsPerRound) / 1_000
            )
        }
    }

    private static func run(
        _ work: String,
        _ numbers: Range<Int>,
        _ session: ZooKeeperSession
    ) async throws {
        let requests = numbers.map { number in
            guard work == "get" else {
                return Request.create(create("c-", number, mode: .ephemeral))
            }
            let path = path("n-", number % 1_000)
            return .getData(GetDataRequest(path: path, watch: false))
        }
        for answer in await session.batch(requests) { _ = try answer.get() }
    }

    private static func create(
        _ prefix: String,
        _ number: Int,
        mode: CreateMode
    ) -> CreateRequest {
        CreateRequest(path: path(prefix, number), data: Array("twelve bytes".utf8), mode: mode)
    }

    /// `/client/n-0000000000` and so on.
    private static func path(_ prefix: String, _ number: Int) -> String {
        let digits = String(number)
        return "/client/" + prefix + String(repeating: "0", count: 10 - digits.utf8.count) + digits
    }

    private static func withSession<Value: Sendable>(
        at server: String,
        _ loop: EventLoop,
        _ body: (ZooKeeperSession) async throws -> Value
    ) async throws -> Value {
        let configuration = try SessionConfiguration(connectString: server)
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        return try await withThrowingTaskGroup { group in
            group.addTask { await session.run() }
            let value = try await body(session)
            await session.close()
            return value
        }
    }

    private static func figures(
        _ work: String,
        _ costs: (ours: [Cost], theirs: [Cost])
    ) -> [Figure] {
        let pairs = zip(costs.ours, costs.theirs)
        return [
            Figure("\(work) a second, ours", median(costs.ours.map(\.perSecond)), ""),
            Figure("\(work) a second, C client", median(costs.theirs.map(\.perSecond)), ""),
            Figure(
                "\(work) a second, ratio",
                median(pairs.map { $0.perSecond / $1.perSecond }),
                "x",
                least: 1
            ),
            Figure("\(work), CPU each, ours", median(costs.ours.map(\.microseconds)), "us"),
            Figure("\(work), CPU each, C client", median(costs.theirs.map(\.microseconds)), "us"),
            Figure(
                "\(work), CPU, ratio",
                median(pairs.map { $0.microseconds / $1.microseconds }),
                "x",
                bar: 0.5
            ),
        ]
    }
}
