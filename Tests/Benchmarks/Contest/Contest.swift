import Foundation
import Runtime
import ServiceModel
import TestSupport
import ZooKeeperProtocol

/// One of the servers under the same load.
struct Contender: Sendable {
    let address: SocketAddress
    let process: Int32
}

/// What one round of work cost a server.
struct Cost: Sendable {
    var perSecond: Double
    /// CPU of the server's process for each operation, as the kernel accounts it.
    var microseconds: Double
}

/// `musterd` and Debian's ZooKeeper 3.8 side by side: same machine, same disk, one load generator.
///
/// They take turns, so that neither runs while the other is measured. The Java machine compiles what runs
/// often: each piece of work is done a few times by both before it counts. With MUSTER_ALONE set ZooKeeper is
/// left out, for profiles of `musterd`.
struct Contest: Sendable {
    let ours: Contender
    /// Nil when it is left out.
    let theirs: Contender?
    let loop = EventLoop(name: "load")
    private let daemon: SpawnedDaemon
    private let peer: ZooKeeperPeer?

    /// Directory of all znodes.
    static let directory = "/bench"

    /// Starts both, and waits until both serve.
    init(settings: [String] = []) async throws {
        daemon = try await SpawnedDaemon(settings: settings)
        let isAlone = ProcessInfo.processInfo.environment["MUSTER_ALONE"] != nil
        peer = isAlone ? nil : try await ZooKeeperPeer()
        guard let registry = SocketAddress(daemon.registry) else {
            throw BenchmarkFailure("\(daemon.registry) is no address")
        }
        ours = Contender(address: registry, process: daemon.id)
        theirs = peer.map { Contender(address: $0.address, process: $0.id) }
        for contender in contenders {
            let load = try await Self.firstSession(of: contender.address, loop)
            let create = CreateRequest(path: Self.directory, data: [], mode: .persistent)
            _ = try await load.run(RequestTemplate(.create(create)), window: 1, requests: 1)
            try await load.close()
        }
    }

    /// Those who take turns.
    var contenders: [Contender] { [ours] + (theirs.map { [$0] } ?? []) }

    /// Ends both.
    func stop() async {
        await daemon.stop()
        await peer?.stop()
        loop.stop()
    }

    /// A session, as soon as the server gives one: Java takes a while until it listens.
    static func firstSession(
        of address: SocketAddress,
        _ loop: EventLoop
    ) async throws -> RequestLoad {
        var refusal: (any Error)?
        var opened: RequestLoad?
        _ = await eventually(within: .seconds(120)) {
            let load = RequestLoad(loop, to: address, sessions: 1)
            do {
                try await load.open(within: .seconds(1))
                opened = load
            } catch {
                refusal = error
            }
            return opened != nil
        }
        guard let opened else {
            throw BenchmarkFailure("\(address) does not serve: \(refusal.map { "\($0)" } ?? "")")
        }
        return opened
    }

    /// Creates numbered znodes on both, from 0 on, that stay.
    func makeZnodes(_ count: Int) async throws {
        let path = RequestTemplate.path(below: Self.directory)
        let create = CreateRequest(path: path, data: RequestTemplate.data, mode: .persistent)
        let template = RequestTemplate(.create(create), modulus: count)
        for contender in contenders {
            let load = RequestLoad(loop, to: contender.address, sessions: 1)
            try await load.open()
            _ = try await load.run(template, window: 100, requests: count)
            try await load.close()
        }
    }

    /// Rounds of one piece of work by both in turns; the first ones do not count.
    func rounds(
        warmUps: Int,
        counted: Int,
        _ work: (Contender) async throws -> Cost
    ) async throws -> (ours: [Cost], theirs: [Cost]) {
        var costs: (ours: [Cost], theirs: [Cost]) = ([], [])
        for round in 0..<warmUps + counted {
            for contender in contenders {
                let cost = try await work(contender)
                guard round >= warmUps else { continue }
                if contender.process == ours.process {
                    costs.ours.append(cost)
                } else {
                    costs.theirs.append(cost)
                }
            }
        }
        return costs
    }

    /// Measures the CPU that a server uses for some operations.
    ///
    /// - Parameters:
    ///   - contender: Does the work.
    ///   - isSettled: What goes on behind the last reply counts too, such as folding.
    ///   - work: Gives the operations, and how long they took to the last reply.
    /// - Returns: Operations a second, and CPU for each.
    /// - Throws: What `work` throws, or that the process is gone.
    static func cost(
        of contender: Contender,
        isSettled: Bool = false,
        _ work: () async throws -> (operations: Int, nanoseconds: Int64)
    ) async throws -> Cost {
        let clock = try ProcessClock(contender.process)
        let before = clock.nanoseconds
        let (operations, nanoseconds) = try await work()
        if isSettled { await clock.rest() }
        let used = Double(clock.nanoseconds - before)
        return Cost(
            perSecond: Double(operations) / (Double(nanoseconds) / 1e9),
            microseconds: used / Double(operations) / 1_000
        )
    }

    /// Both sides' medians and their ratios.
    ///
    /// - Parameters:
    ///   - work: What the operations are, in the plural.
    ///   - costs: Of the rounds that count.
    ///   - factor: How many times as many a second are wanted.
    ///   - share: The wanted share of the peer's CPU.
    /// - Returns: Rates, then CPU.
    static func figures(
        _ work: String,
        _ costs: (ours: [Cost], theirs: [Cost]),
        factor: Double,
        share: Double
    ) -> [Figure] {
        func median(_ costs: [Cost], _ value: (Cost) -> Double) -> Double {
            Benchmark.median(costs.map(value))
        }
        let ours = (median(costs.ours, \.perSecond), median(costs.ours, \.microseconds))
        let own = [
            Figure("\(work) a second, musterd", ours.0, ""),
            Figure("\(work), CPU each, musterd", ours.1, "us"),
        ]
        guard !costs.theirs.isEmpty else { return own }
        let theirs = (median(costs.theirs, \.perSecond), median(costs.theirs, \.microseconds))
        return [
            own[0],
            Figure("\(work) a second, ZooKeeper", theirs.0, ""),
            Figure("\(work) a second, ratio", ours.0 / theirs.0, "x", least: factor),
            own[1],
            Figure("\(work), CPU each, ZooKeeper", theirs.1, "us"),
            Figure("\(work), CPU, ratio", ours.1 / theirs.1, "x", bar: share),
        ]
    }
}
