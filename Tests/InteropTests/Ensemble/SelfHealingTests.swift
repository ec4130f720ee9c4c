import Foundation
import Membership
import Runtime
import ServiceModel
import Synchronization
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// Registrations come back, and stay, on the embedded registry as on Debian's ZooKeeper.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SelfHealingTests {
    /// Which server registers.
    enum Kind: String, CaseIterable, Sendable {
        case embedded
        case zooKeeper
    }

    /// A server with ticks of 100 ms, so that sessions may last 200 ms.
    private final class Server: Sendable {
        let address: String
        private let embedded: TestRegistry?
        private let other: Mutex<ZooKeeperServer?>

        init(_ kind: Kind) async throws {
            embedded =
                kind == .embedded
                ? try await TestRegistry.start(tickTime: .milliseconds(100), memory: .disk) : nil
            let other = kind == .zooKeeper ? try await ZooKeeperServer(tickMilliseconds: 100) : nil
            address = embedded?.connectString ?? other?.address ?? ""
            self.other = Mutex(other)
        }

        var port: UInt16 { address.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

        /// Ends the server's process without a word, where it is one, and starts it again.
        func restart() async throws {
            if let embedded {
                await embedded.stop()
                try await embedded.restart()
                return
            }
            guard let old = other.withLock({ $0 }) else { return }
            old.program.signal(SIGKILL)
            let new = try await ZooKeeperServer(after: old, tickMilliseconds: 100)
            other.withLock { $0 = new }
        }

        func stop() async { await embedded?.close() }
    }

    /// Sessions and registrars of one process on one loop.
    private final class Client: Sendable {
        let loop = EventLoop(name: "self-healing")
        private let server: Server
        private let tasks = Mutex<[Task<Void, Never>]>([])

        init(_ server: Server) { self.server = server }

        func session(timeout: Duration = .seconds(1)) throws -> ZooKeeperSession {
            ZooKeeperSession(
                loop: loop,
                configuration: try SessionConfiguration(
                    connectString: server.address,
                    sessionTimeout: timeout
                )
            )
        }

        func run(_ work: @escaping @Sendable () async -> Void) {
            let task = Task { await work() }
            tasks.withLock { $0.append(task) }
        }

        /// A registrar that runs, with its session.
        func registrar() throws -> (Registrar, ZooKeeperSession) {
            let session = try session()
            let registrar = Registrar(loop: loop, session: session)
            run { await registrar.run() }
            return (registrar, session)
        }

        func stop() async {
            let all = tasks.withLock { $0 }
            for task in all { task.cancel() }
            for task in all { await task.value }
            loop.stop()
        }
    }

    /// Registers paths, each when its time has come.
    private final class Schedule: LoopHandler {
        private let works: [(after: Duration, work: @Sendable () -> Void)]

        init(_ works: [(after: Duration, work: @Sendable () -> Void)]) { self.works = works }

        func start(on loop: EventLoop) {
            loop.post { [self] in
                for (token, (after, _)) in works.enumerated() {
                    loop.setTimer(at: loop.now + after, handler: self, token: UInt64(token))
                }
            }
        }

        func process(_ events: [LoopEvent]) {
            for case .timer(let token) in events { works[Int(token)].work() }
        }
    }

    /// Opens a session, makes ephemerals in it, and is gone without a word.
    private func die(
        _ port: UInt16,
        leaving paths: [String],
        timeout: Duration
    ) throws {
        let client = try #require(BlockingClient(port: port))
        let request = ConnectRequest(timeoutMilliseconds: Int32(timeout.milliseconds))
        _ = try #require(try client.handshake(request))
        let creates = paths.map { path in
            Request.create(CreateRequest(path: path, data: [], mode: .ephemeral))
        }
        let replies = try #require(try client.ask(creates))
        for reply in replies { _ = try reply.outcome.get() }
    }

    @Test(.needs(.zooKeeperServer), arguments: Kind.allCases)
    func `a new session's znodes outlive the old session's end, whatever the delays`(
        kind: Kind
    ) async throws {
        let server = try await Server(kind)
        let client = Client(server)
        let reader = try client.session(timeout: .seconds(2))
        client.run { await reader.run() }
        for parent in ["/old", "/r"] { _ = try await reader.create(parent) }
        var random = Seed.generator(UInt64(kind == .embedded ? 1 : 2))
        for round in 0..<Soak.factor {
            let paths = (0..<200).map { "/r/\(round)-\($0)" }
            let markers = (0..<40).map { "/old/\(round)-\($0)" }
            let registrars = try (0..<8).map { _ in try client.registrar() }
            var works: [(after: Duration, work: @Sendable () -> Void)] = []
            let order = paths.shuffled(using: &random)
            for (index, path) in order.enumerated() {
                let registrar = registrars[index % registrars.count].0
                let delay = Duration.milliseconds(Int.random(in: 0..<1_500, using: &random))
                works.append(
                    (
                        delay,
                        {
                            registrar.assumeIsolated { registrar in
                                do {
                                    try registrar.register(path: path)
                                } catch {
                                    Issue.record("\(path): \(error)")
                                }
                            }
                        }
                    )
                )
            }
            for (index, marker) in markers.enumerated() {
                let timeout = Duration.milliseconds(Int.random(in: 300..<1_000, using: &random))
                let left = paths[(index * 5)..<(index * 5 + 5)] + [marker]
                try die(server.port, leaving: Array(left), timeout: timeout)
            }
            Schedule(works).start(on: client.loop)
            // A session's end takes all of its znodes at once, so nothing can be lost behind its marker.
            let areOver = try await eventually {
                try await reader.getChildren("/old").isEmpty
            }
            #expect(areOver)
            let owners = await Self.owners(registrars.map(\.1))
            let isBack = await eventually {
                for (index, path) in order.enumerated() {
                    let status = await registrars[index % registrars.count].0.status(of: path)
                    guard status == .registered else { return false }
                }
                return true
            }
            #expect(isBack)
            try await reader.sync("/r")
            for (index, path) in order.enumerated() {
                let owner = try await reader.exists(path)?.ephemeralOwner
                #expect(owner == owners[index % owners.count], "\(path), seed \(Seed.current)")
            }
        }
        await client.stop()
        await server.stop()
    }

    private static func owners(_ sessions: [ZooKeeperSession]) async -> [Int64] {
        var owners: [Int64] = []
        for session in sessions { owners.append(await session.identity?.sessionID ?? 0) }
        return owners
    }

    @Test(.needs(.zooKeeperServer), arguments: Kind.allCases)
    func `a registration comes back after a deletion by hand, a stranger's znode and a restart`(
        kind: Kind
    ) async throws {
        let server = try await Server(kind)
        let client = Client(server)
        let hand = try client.session(timeout: .seconds(2))
        client.run { await hand.run() }
        let path = "/dubbo/a.B/providers/x"
        // A persistent znode of nobody's is in the way from the start.
        _ = try await hand.createWithParents(path, data: Array("stranger".utf8))
        let (registrar, session) = try client.registrar()
        try await registrar.register(path: path, data: Array("ours".utf8))
        func isOurs() async throws -> Bool {
            guard let stat = try await hand.exists(path) else { return false }
            let own = await session.identity?.sessionID
            return stat.ephemeralOwner == own && stat.dataLength == 4
        }
        #expect(try await eventually(isOurs))
        for _ in 0..<3 {
            let before = try await hand.exists(path)?.czxid ?? 0
            try await hand.delete(path)
            let isBack = try await eventually {
                guard try await isOurs() else { return false }
                return (try await hand.exists(path)?.czxid ?? 0) > before
            }
            #expect(isBack)
        }
        try await server.restart()
        let isBack = await eventually {
            // While the server is away, and where sessions ended, calls fail.
            do { return try await isOurs() } catch { return false }
        }
        #expect(isBack)
        // The znode may have outlived the restart, and then it is seen before its owner is connected again.
        let isRegistered = await eventually { await registrar.status(of: path) == .registered }
        #expect(isRegistered)
        #expect(try await isOurs())
        await client.stop()
        await server.stop()
    }

    @Test(.needs(.zooKeeperServer), arguments: Kind.allCases)
    func `of two live processes that claim one znode one has it, and the other says so`(
        kind: Kind
    ) async throws {
        let server = try await Server(kind)
        let client = Client(server)
        let path = "/claimed"
        let (one, first) = try client.registrar()
        let (two, second) = try client.registrar()
        for registrar in [one, two] { try await registrar.register(path: path) }
        let isSettled = await eventually {
            let both = [await one.status(of: path), await two.status(of: path)]
            let contended = both.count { if case .contended? = $0 { true } else { false } }
            return contended == 1 && both.contains(.registered)
        }
        #expect(isSettled)
        let isFirst = await one.status(of: path) == .registered
        // The owner's clean end gives the znode to the other at once, long before its pause is over.
        await (isFirst ? one : two).deregister(path: path)
        let isTaken = await eventually(within: .seconds(10)) {
            await (isFirst ? two : one).status(of: path) == .registered
        }
        #expect(isTaken)
        let reader = try client.session()
        client.run { await reader.run() }
        let owner = await (isFirst ? second : first).identity?.sessionID
        #expect(try await reader.exists(path)?.ephemeralOwner == owner)
        await client.stop()
        await server.stop()
    }
}
