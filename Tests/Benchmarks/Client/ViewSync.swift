import Glibc
import Membership
import Runtime
import ServiceModel
import Telemetry
import TestSupport
import ZooKeeperClient
import ZooKeeperProtocol

extension Benchmark {
    static let viewSync = Benchmark(
        name: "view-sync",
        summary: "100 services x 1,000 providers on ZooKeeper: first view, one change, reconnect"
    ) {
        let peer = try await ZooKeeperPeer()
        let loops = (writer: EventLoop(name: "writer"), view: EventLoop(name: "view"))
        _ = try await Contest.firstSession(of: peer.address, loops.writer)
        let writer = ZooKeeperSession(
            loop: loops.writer,
            configuration: try SessionConfiguration(connectString: "\(peer.address)")
        )
        let figures = try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            group.addTask { await writer.run() }
            try await populate(writer)
            var figures = try await views(peer.address, loops.view, writer)
            figures += try await reconnect(peer.address, loops.view)
            await writer.close()
            return figures
        }
        loops.writer.stop()
        loops.view.stop()
        await peer.stop()
        return figures
    }

    private static let services = 100
    private static let providers = 1_000
    private static let rounds = 3
    private static let changes = 20

    private static func populate(_ session: ZooKeeperSession) async throws {
        for number in 0..<services {
            let service = Providers.service(number)
            let directory = Providers.directory(service)
            try await session.createWithParents(directory)
            let creates = (0..<providers).map { host in
                let path = directory + "/" + Providers.name(service, host: host)
                return Request.create(CreateRequest(path: path, data: [], mode: .ephemeral))
            }
            for answer in await session.batch(creates) { _ = try answer.get() }
        }
    }

    // MARK: The view

    private static func views(
        _ address: SocketAddress,
        _ loop: EventLoop,
        _ writer: ZooKeeperSession
    ) async throws -> [Figure] {
        let clock = try ProcessClock(getpid())
        var (firsts, work, again, againBytes) = (Samples(), Samples(), Samples(), 0)
        var perChange = (ours: 0, childWatch: 0)
        for round in 0..<rounds {
            let connection = MeteredConnection(address)
            let aggregator = aggregator(on: loop, over: connection)
            try await withThrowingTaskGroup { group in
                defer { group.cancelAll() }
                let (start, used) = (wallNanoseconds(), clock.nanoseconds)
                group.addTask { await aggregator.run() }
                try await live(aggregator)
                firsts.add(wallNanoseconds() - start)
                work.add(clock.nanoseconds - used)
                if round == 0 {
                    perChange.ours = try await change(writer, connection) { count in
                        aggregator.view.snapshot().services[changed]?.instances.count == count
                    }
                }
                let cut = wallNanoseconds()
                connection.cut()
                let left = await eventually { aggregator.view.snapshot().freshness != .live }
                guard left else { throw BenchmarkFailure("the connection was not lost") }
                try await live(aggregator)
                again.add(wallNanoseconds() - cut)
                let bytes = connection.bytes
                againBytes = bytes.received + bytes.sent
            }
        }
        perChange.childWatch = try await childWatchBytes(address, loop, writer)
        let start = try await daemonStart(address)
        return [
            Figure("first view of 100,000, median", firsts.quantile(0.5) / 1e9, "s", bar: 2),
            Figure(
                "CPU of that a provider",
                work.quantile(0.5) / 1e3 / Double(services * providers),
                "us"
            ),
            Figure("start of musterd to its view of them", start, "s"),
            Figure("one change, bytes on the wire", Double(perChange.ours), "", bar: 2_000),
            Figure("the same with a child watch", Double(perChange.childWatch), ""),
            Figure("lost connection to live view, median", again.quantile(0.5) / 1e9, "s"),
            Figure("bytes of that", Double(againBytes) / 1e6, "MB"),
        ]
    }

    /// Seconds from the start of a daemon on the server until its view is live, answers made.
    private static func daemonStart(_ address: SocketAddress) async throws -> Double {
        let start = wallNanoseconds()
        let daemon = try await SpawnedDaemon(settings: ["registry.connect=\(address)"])
        let isLive = await eventually(within: .seconds(60)) {
            daemon.log.contains("live: \(services) services, \(services * providers) instances")
        }
        let took = Double(wallNanoseconds() - start) / 1e9
        await daemon.stop()
        guard isLive else { throw BenchmarkFailure("no view within a minute: \(daemon.log)") }
        return took
    }

    private static var changed: ServiceName { ServiceName(.dubbo, Providers.service(0)) }

    private static func aggregator(
        on loop: EventLoop,
        over connection: MeteredConnection
    ) -> Aggregator {
        let servers = SessionConfiguration.Servers.descriptor { try connection.connect() }
        return Aggregator(
            loop: loop,
            session: ZooKeeperSession(
                loop: loop,
                configuration: SessionConfiguration(servers: servers)
            ),
            configuration: MembershipConfiguration(),
            metrics: MetricsRegistry()
        )
    }

    private static func live(_ aggregator: Aggregator) async throws {
        let isLive = await eventually(within: .seconds(60)) {
            let view = aggregator.view.snapshot()
            return view.freshness == .live
                && view.services[changed]?.instances.count == providers
        }
        guard isLive else { throw BenchmarkFailure("no view within a minute") }
    }

    /// Registers and deregisters one provider, again and again.
    ///
    /// - Returns: Bytes in both directions for one change.
    private static func change(
        _ writer: ZooKeeperSession,
        _ connection: MeteredConnection,
        _ isSeen: (Int) async -> Bool
    ) async throws -> Int {
        let service = Providers.service(0)
        let path =
            Providers.directory(service) + "/" + Providers.name(service, host: providers + 7)
        let before = connection.bytes
        for _ in 0..<changes / 2 {
            try await writer.create(path, mode: .ephemeral)
            guard await eventually({ await isSeen(providers + 1) }) else {
                throw BenchmarkFailure("a change was not seen")
            }
            try await writer.delete(path)
            guard await eventually({ await isSeen(providers) }) else {
                throw BenchmarkFailure("a change was not seen")
            }
        }
        let after = connection.bytes
        return (after.received + after.sent - before.received - before.sent) / changes
    }

    /// What the same changes cost a client that lists the children anew at each event.
    private static func childWatchBytes(
        _ address: SocketAddress,
        _ loop: EventLoop,
        _ writer: ZooKeeperSession
    ) async throws -> Int {
        let connection = MeteredConnection(address)
        let servers = SessionConfiguration.Servers.descriptor { try connection.connect() }
        let session = ZooKeeperSession(
            loop: loop,
            configuration: SessionConfiguration(servers: servers)
        )
        return try await withThrowingTaskGroup { group in
            group.addTask { await session.run() }
            let directory = Providers.directory(Providers.service(0))
            let bytes = try await change(writer, connection) { count in
                (try? await session.getChildren(directory, watch: true).count) == count
            }
            await session.close()
            return bytes
        }
    }

    // MARK: Many watches

    /// A session with as many one-shot watches as it may have loses its connection.
    private static func reconnect(
        _ address: SocketAddress,
        _ loop: EventLoop
    ) async throws -> [Figure] {
        let connection = MeteredConnection(address)
        let servers = SessionConfiguration.Servers.descriptor { try connection.connect() }
        let session = ZooKeeperSession(
            loop: loop,
            configuration: SessionConfiguration(servers: servers)
        )
        return try await withThrowingTaskGroup { group in
            group.addTask { await session.run() }
            var pathBytes = 0
            for number in 0..<services {
                let service = Providers.service(number)
                let directory = Providers.directory(service)
                let reads = (0..<providers).map { host in
                    let path = directory + "/" + Providers.name(service, host: host)
                    pathBytes += path.utf8.count
                    return Request.exists(ExistsRequest(path: path, watch: true))
                }
                for answer in await session.batch(reads) { _ = try answer.get() }
            }
            let start = wallNanoseconds()
            connection.cut()
            // The answer comes behind those to all watches that are set again.
            let isBack = await eventually(within: .seconds(60)) {
                (try? await session.exists(Providers.directory(Providers.service(0)))) != nil
            }
            guard isBack else { throw BenchmarkFailure("no session within a minute") }
            let took = Double(wallNanoseconds() - start) / 1e9
            let bytes = connection.bytes
            await session.close()
            return [
                Figure("100,000 watches set again", took, "s"),
                Figure(
                    "bytes of that for each of their paths'",
                    Double(bytes.sent + bytes.received) / Double(pathBytes),
                    "x",
                    bar: 1.1
                ),
            ]
        }
    }
}
