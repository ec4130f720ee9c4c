import Runtime
import ServiceModel
import Synchronization
import ZooKeeperClient
import ZooKeeperProtocol

extension Benchmark {
    static let registrationOnEnsemble = Benchmark(
        name: "registration-ensemble",
        summary: "a provider registers at three ZooKeepers until the first right DNS answer"
    ) {
        let ensemble = try ZooKeeperEnsemble()
        let loop = EventLoop(name: "provider")
        let session = ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(connectString: ensemble.connectString)
        )
        let figures = try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            group.addTask { await session.run() }
            let figures = try await measure(session, ensemble)
            await session.close()
            return figures
        }
        loop.stop()
        await ensemble.stop()
        return figures
    }

    private static let registrations = 1_000

    private static func measure(
        _ session: ZooKeeperSession,
        _ ensemble: ZooKeeperEnsemble
    ) async throws -> [Figure] {
        // The last one is to warm up with.
        for number in 0...registrations {
            let directory = Providers.directory(Providers.service(number))
            // Until there is a leader, nobody takes it.
            _ = try await session.retrying(.elapsed(.seconds(60), pause: .milliseconds(200))) {
                try await session.createWithParents(directory)
            }
        }
        let replies = Mutex<[UInt64: Int64]>([:])
        await session.attach { events in
            let now = wallNanoseconds()
            for case .reply(let tag, .success, _) in events { replies.withLock { $0[tag] = now } }
        }
        let daemon = try await SpawnedDaemon(
            settings: ["registry.connect=\(ensemble.connectString)"]
        )
        guard let endpoint = SocketAddress(daemon.dns)?.endpoint else {
            throw BenchmarkFailure("\(daemon.dns) is no address")
        }
        var client = try UDPClient(to: endpoint)
        _ = try register(registrations, session, &client)
        var (samples, acknowledged) = (Samples(), Samples())
        for number in 0..<registrations {
            let start = wallNanoseconds()
            samples.add(try register(number, session, &client))
            // An answer may come before the reply, from a server that was quicker.
            let reply = replies.withLock { $0[UInt64(number)] }
            acknowledged.add((reply ?? wallNanoseconds()) - start)
        }
        await daemon.stop()
        func milliseconds(_ samples: Samples, _ share: Double) -> Double {
            samples.quantile(share) / 1_000_000
        }
        return [
            Figure("registrations", Double(samples.count), "", least: 500),
            Figure("registration to answer, p50", milliseconds(samples, 0.5), "ms"),
            Figure("registration to answer, p99", milliseconds(samples, 0.99), "ms", bar: 50),
            Figure("registration to answer, longest", milliseconds(samples, 1), "ms"),
            Figure("registration to ZooKeeper's reply, p50", milliseconds(acknowledged, 0.5), "ms"),
            Figure(
                "registration to ZooKeeper's reply, p99",
                milliseconds(acknowledged, 0.99),
                "ms"
            ),
            Figure("questions a registration", Double(client.asked) / Double(samples.count), ""),
        ]
    }
}
