import DNSProtocol
import Foundation
import Runtime
import ServiceModel
import Synchronization
import TestSupport
import ZooKeeperClient
import ZooKeeperProtocol

extension Benchmark {
    static let registration = Benchmark(
        name: "registration",
        summary: "a provider registers at a running musterd until its first right DNS answer"
    ) {
        let daemon = try await SpawnedDaemon()
        let loop = EventLoop(name: "provider")
        let servers = SessionConfiguration.Servers.hosts([daemon.registry])
        let session = ZooKeeperSession(loop: loop, configuration: .init(servers: servers))
        async let running: Void = session.run()
        var figures: [Figure] = []
        do {
            figures = try await measure(session, daemon)
            await session.close()
        } catch {
            await session.close()
            throw error
        }
        await running
        loop.stop()
        await daemon.stop()
        return figures
    }

    private static func measure(
        _ session: ZooKeeperSession,
        _ daemon: SpawnedDaemon
    ) async throws -> [Figure] {
        let count = 2_000
        for number in 0..<count {
            try await session.createWithParents(Providers.directory(Providers.service(number)))
        }
        let refused = Atomic(0)
        await session.attach { events in
            for case .reply(_, .failure, _) in events { refused.add(1, ordering: .relaxed) }
        }
        guard let endpoint = SocketAddress(daemon.dns)?.endpoint else {
            throw BenchmarkFailure("\(daemon.dns) is no address")
        }
        var client = try UDPClient(to: endpoint)
        var samples = Samples()
        for number in 0..<count {
            samples.add(try register(number, session, &client))
        }
        guard refused.load(ordering: .relaxed) == 0 else {
            throw BenchmarkFailure("registrations were refused")
        }
        let median = samples.quantile(0.5) / 1_000
        let p99 = samples.quantile(0.99) / 1_000
        return [
            Figure("registration to answer, p50", median, "us", bar: 1_000),
            Figure("registration to answer, p99", p99, "us", bar: 5_000),
            Figure("registration to answer, longest", samples.quantile(1) / 1_000, "us"),
            Figure("questions a registration", Double(client.asked) / Double(count), ""),
        ]
    }

    /// Registers one provider and asks until the answer is its address.
    ///
    /// - Parameters:
    ///   - number: Of the service, whose directory is there; the request's tag too.
    ///   - session: Whose provider it is.
    ///   - client: Of the daemon.
    /// - Returns: Nanoseconds from the call to the answer.
    /// - Throws: `BenchmarkFailure` when there is none within 10 s.
    static func register(
        _ number: Int,
        _ session: ZooKeeperSession,
        _ client: inout UDPClient
    ) throws -> Int64 {
        let service = Providers.service(number)
        let host = number + 1
        let path = Providers.directory(service) + "/" + Providers.name(service, host: host)
        let name = try DNSName(service + ".dubbo.muster.internal")
        let id = UInt16(truncatingIfNeeded: number)
        let question = try Message(id: id, question: Question(name, .a), edns: nil).encoded()
        let request = Request.create(
            CreateRequest(path: path, data: [], acl: ACL.openUnsafe, mode: .ephemeral)
        )
        let start = wallNanoseconds()
        session.loop.post {
            session.assumeIsolated { $0.submit(request, tag: UInt64(number)) }
        }
        while !client.ask(question, expecting: 10 << 24 | UInt32(host)) {
            guard wallNanoseconds() - start < 10_000_000_000 else {
                throw BenchmarkFailure("\(name) had no answer within 10 s")
            }
        }
        return wallNanoseconds() - start
    }
}
