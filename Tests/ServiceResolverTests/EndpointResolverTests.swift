import Runtime
import ServiceModel
import ServiceResolver
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient

@Suite struct EndpointResolverTests {
    private let parent = "/dubbo/com.foo.Bar/providers/"

    private func session(_ loop: EventLoop, _ registry: TestRegistry) throws -> ZooKeeperSession {
        let connect = registry.connectString
        return ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(connectString: connect)
        )
    }

    private func provider(_ port: Int) -> String {
        parent + "dubbo%3A%2F%2F10.0.0.1%3A\(port)%2Fcom.foo.Bar"
    }

    @Test func `A4.4 A6.1 picks go round and follow a provider that moves`() async throws {
        let registry = try await TestRegistry.start()
        let loop = EventLoop(name: "t-resolver")
        let client = try session(loop, registry)
        let resolver = EndpointResolver(
            loop: loop,
            session: try session(loop, registry),
            query: ServiceQuery(name: "com.foo.Bar")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            for port in [1, 2] { try await client.createWithParents(provider(port)) }
            group.addTask { await resolver.run() }
            var ports: [UInt16] = []
            for _ in 0..<4 { ports.append(try await resolver.pick().id.endpoint.port) }
            #expect(ports.sorted() == [1, 1, 2, 2])
            try await client.delete(provider(2))
            try await client.createWithParents(provider(3))
            let moved = try await eventually {
                let seen = [try await resolver.pick(), try await resolver.pick()]
                return Set(seen.map(\.id.endpoint.port)) == [1, 3]
            }
            #expect(moved)
            group.cancelAll()
        }
        await registry.close()
        loop.stop()
    }

    @Test func `an unknown service, no provider and no registry are told apart`() async throws {
        let registry = try await TestRegistry.start()
        let loop = EventLoop(name: "t-resolver")
        let client = try session(loop, registry)
        let unknown = EndpointResolver(
            loop: loop,
            session: try session(loop, registry),
            query: ServiceQuery(name: "com.foo.None")
        )
        let empty = EndpointResolver(
            loop: loop,
            session: try session(loop, registry),
            query: ServiceQuery(name: "com.foo.Bar")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            try await client.createWithParents(String(parent.dropLast()))
            group.addTask { await unknown.run() }
            group.addTask { await empty.run() }
            await #expect(throws: ResolverError.self) { try await unknown.pick() }
            let error = await #expect(throws: ResolverError.self) { try await empty.pick() }
            #expect(error?.code == .noInstance)
            group.cancelAll()
        }
        await registry.close()
        let lost = EndpointResolver(
            loop: loop,
            session: try session(loop, registry),
            query: ServiceQuery(name: "com.foo.Bar")
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await lost.run() }
            let error = await #expect(throws: ResolverError.self) {
                try await lost.pick(within: .milliseconds(50))
            }
            #expect(error?.code == .notReady)
            group.cancelAll()
        }
        loop.stop()
    }
}
