import Glibc
import Membership
import Registrations
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol
import ZooKeeperServer

/// Aggregator and registrar over real connections to the embedded registry.
@Suite(.serialized) struct AggregatorTests {
    private let name = ServiceName(.dubbo, "a.B")

    private func instance(_ endpoint: String) throws -> Instance {
        let now = EventLoop.unixNow()
        return Instance(
            id: InstanceID(
                service: name,
                scheme: "dubbo",
                endpoint: try #require(Endpoint(endpoint))
            ),
            startedAt: now,
            state: State(.up, since: now, why: "test"),
            origin: Instance.Origin(path: "")
        )
    }

    @Test func `A4.2 a registration joins, and leaves with its session`() async throws {
        let live = try await LiveRegistry()
        let session = ZooKeeperSession(
            loop: live.loop,
            configuration: try SessionConfiguration(connectString: live.registry.connectString)
        )
        let registrar = Registrar(loop: live.loop, session: session)
        let provider = Task { await registrar.run() }
        let path = try await registrar.register(try instance("10.0.0.1:20880"))
        #expect(await eventually { live.view.instanceCount == 1 })
        #expect(await registrar.status(of: path) == .registered)
        #expect(live.view.freshness == .live)
        provider.cancel()
        await provider.value
        #expect(await eventually { live.view.instanceCount == 0 })
        #expect(
            live.story == [
                "appeared a.B", "joined a.B 10.0.0.1:20880", "left a.B 10.0.0.1:20880 closed",
            ]
        )
        #expect(live.notices.last.flatMap { $0 } != nil)
        #expect(live.metrics.prometheusText().contains("muster_view_changes_total 3"))
        await live.stop()
    }

    @Test func `a deletion by hand is undone, the end of a registration is not`() async throws {
        let live = try await LiveRegistry()
        let registrar = Registrar(loop: live.loop, session: try Self.idleSession(live))
        live.run { await registrar.run() }
        let path = try await registrar.register(try instance("10.0.0.1:20880"))
        #expect(await eventually { live.view.instanceCount == 1 })
        let hand = try live.session()
        try await hand.delete(path)
        #expect(await eventually { live.story.count == 4 && live.view.instanceCount == 1 })
        #expect(live.story.suffix(2).first == "left a.B 10.0.0.1:20880 deleted")
        await registrar.deregister(path: path)
        #expect(try await hand.exists(path) == nil)
        #expect(await registrar.status(of: path) == nil)
        #expect(await eventually { live.story.last == "left a.B 10.0.0.1:20880 deleted" })
        await live.stop()
    }

    @Test func `an old session's znode is replaced without a gap in the view`() async throws {
        let live = try await LiveRegistry()
        let old = try live.session()
        let instance = try instance("10.0.0.1:20880")
        let childName = try ProviderName.render(instance)
        let path = DubboTree.providersPath(of: name.name) + "/" + childName
        _ = try await old.createWithParents(path, data: [], mode: .ephemeral)
        #expect(await eventually { live.view.instanceCount == 1 })
        let registrar = Registrar(loop: live.loop, session: try Self.idleSession(live))
        live.run { await registrar.run() }
        try await registrar.register(path: path)
        #expect(await eventually { live.story.count == 3 })
        #expect(live.story.last == "changed a.B 10.0.0.1:20880 to a newer znode")
        #expect(live.view.instanceCount == 1)
        await live.stop()
    }

    @Test func `two live processes that claim one znode do not fight for ever`() async throws {
        let live = try await LiveRegistry()
        let path = "/dubbo/a.B/providers/x"
        var registrars: [Registrar] = []
        for _ in 0..<2 {
            let registrar = Registrar(loop: live.loop, session: try Self.idleSession(live))
            live.run { await registrar.run() }
            try await registrar.register(path: path)
            registrars.append(registrar)
        }
        let (first, second) = (registrars[0], registrars[1])
        #expect(
            await eventually {
                for registrar in [first, second] {
                    if case .contended = await registrar.status(of: path) { return true }
                }
                return false
            }
        )
        await live.stop()
    }

    @Test func `A1.4 a provider that dies without a word leaves when its session expires`()
        async throws
    {
        let live = try await LiveRegistry()
        let (client, server) = try socketPair()
        try await live.registry.server.attach(descriptor: server)
        let line = Mutex<Int32?>(client)
        let spare = dup(client)
        let servers = SessionConfiguration.Servers.descriptor {
            guard let descriptor = line.withLock({ $0.take() }) else { throw CancellationError() }
            return descriptor
        }
        let session = ZooKeeperSession(
            loop: live.loop,
            configuration: SessionConfiguration(servers: servers, sessionTimeout: .seconds(1))
        )
        let registrar = Registrar(loop: live.loop, session: session)
        live.run { await registrar.run() }
        try await registrar.register(try instance("10.0.0.1:20880"))
        #expect(await eventually { live.view.instanceCount == 1 })
        shutdown(spare, Int32(SHUT_RDWR))
        close(spare)
        #expect(await eventually { live.view.instanceCount == 0 })
        #expect(live.story.last == "left a.B 10.0.0.1:20880 expired")
        await live.stop()
    }

    @Test func `a registry that is gone leaves the last view, and says so`() async throws {
        let live = try await LiveRegistry()
        let registrar = Registrar(loop: live.loop, session: try Self.idleSession(live))
        live.run { await registrar.run() }
        let path = try await registrar.register(try instance("10.0.0.1:20880"))
        #expect(await eventually { live.view.instanceCount == 1 })
        await live.registry.server.stop()
        #expect(await eventually { live.view.freshness != .live })
        #expect(live.view.instanceCount == 1)
        #expect(await eventually { await registrar.status(of: path) == .waiting })
        #expect(live.story.count == 2)
        await live.stop()
    }

    @Test func `what cannot be registered is refused at once`() async throws {
        let live = try await LiveRegistry()
        let registrar = Registrar(loop: live.loop, session: try Self.idleSession(live))
        var bad = try instance("10.0.0.1:20880")
        bad.parameters["x"] = "a&b"
        for (path, code) in [
            ("/", MembershipError.Code.badPath), ("x", .badPath), ("/a//b", .badPath),
        ] {
            let error = await #expect(throws: MembershipError.self) {
                try await registrar.register(path: path)
            }
            #expect(error?.code == code)
        }
        let error = await #expect(throws: MembershipError.self) {
            try await registrar.register(bad)
        }
        #expect(error?.code == .badInstance)
        try await registrar.register(path: "/a")
        let twice = await #expect(throws: MembershipError.self) {
            try await registrar.register(path: "/a")
        }
        #expect(twice?.code == .alreadyRegistered)
        await live.stop()
    }

    /// A session that its user runs.
    private static func idleSession(_ live: LiveRegistry) throws -> ZooKeeperSession {
        ZooKeeperSession(
            loop: live.loop,
            configuration: try SessionConfiguration(connectString: live.registry.connectString)
        )
    }

    @Test func `A5.6 after 10,000 changes by 50 clients the view equals the tree`() async throws {
        let live = try await LiveRegistry()
        let clients = try (0..<50).map { _ in try live.session() }
        for service in 0..<5 {
            let path = DubboTree.providersPath(of: "com.foo.S\(service)")
            _ = try await clients[0].createWithParents(path, data: [], mode: .persistent)
            let domain = "/DDNS/app/d\(service).company1.com"
            _ = try await clients[0].createWithParents(domain, data: [], mode: .persistent)
        }
        await withTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    var random = Seed.generator(UInt64(index))
                    for _ in 0..<200 { await Self.change(client, index, &random) }
                }
            }
        }
        let tree = PlainView(tree: try await live.tree())
        let isEqual = await eventually { PlainView(live.view) == tree }
        #expect(isEqual, "seed \(Seed.current)")
        if !isEqual { print("view:\n\(PlainView(live.view))\ntree:\n\(tree)") }
        #expect(tree.services.count == 10)
        await live.stop()
    }

    /// One random join, leave or data change; what is not possible is no change.
    private static func change(
        _ client: ZooKeeperSession,
        _ index: Int,
        _ random: inout SeededGenerator
    ) async {
        let service = Int.random(in: 0..<5, using: &random)
        let endpoint = "10.0.\(index).\(Int.random(in: 1...3, using: &random)):20880"
        let interface = "com.foo.S\(service)"
        let provider = Paths.provider(endpoint, service: interface)
        let domain = "/DDNS/app/d\(service).company1.com"
        let list = (0..<3).map { _ in "10.9.0.\(Int.random(in: 1...9, using: &random)):80" }
        let bytes = Array(list.joined(separator: ",").utf8)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: _ = try? await client.create(provider, data: [], mode: .ephemeral)
        case 2: try? await client.delete(provider)
        case 3: _ = try? await client.setData(domain, data: bytes)
        case 4: _ = try? await client.create(domain + "/e\(index)", data: bytes, mode: .ephemeral)
        default: try? await client.delete(domain + "/e\(index)")
        }
    }
}
