import Foundation
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import TestSupport
import Testing
import Wire
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// The shell on real sockets of a loop of its own.
@Suite struct RegistryServerTests {
    // A2.2
    @Test func `a client over TCP and one over a socket pair share the tree`() async throws {
        try await withRegistry { server, address in
            let tcp = try Wireman(to: address)
            let (near, far) = try socketPair()
            try await server.attach(descriptor: far)
            let pair = try Wireman(descriptor: near)
            try await tcp.handshake()
            try await pair.handshake()
            let create = CreateRequest(path: "/a", data: [1], mode: .ephemeral)
            #expect(try await tcp.ask(.create(create))?.error == .ok)
            let get = GetDataRequest(path: "/a", watch: true)
            #expect(try await pair.ask(.getData(get))?.error == .ok)
            #expect(try await tcp.ask(.closeSession)?.error == .ok)
            #expect(await tcp.isAtEnd())
            #expect(try await pair.next()?.event == WatchEvent(.nodeDeleted, path: "/a"))
        }
    }

    @Test func `a silent session expires on time, and its fact comes before its events`()
        async throws
    {
        let facts = Mutex<[SessionFact.Kind]>([])
        let note: @Sendable (SessionFact) -> Void = { fact in
            facts.withLock { $0.append(fact.kind) }
        }
        try await withRegistry(facts: note) { _, address in
            let silent = try Wireman(to: address)
            let watcher = try Wireman(to: address)
            try await watcher.handshake()
            _ = try await watcher.ask(.addWatch(AddWatchRequest(path: "/e", mode: .persistent)))
            let create = CreateRequest(path: "/e", data: [], mode: .ephemeral)
            let asked = EventLoop.monotonicNow()
            let handshake = ConnectRequest(timeoutMilliseconds: 200)
            try await silent.write(
                ServerBench.frame(handshake) + ServerBench.frame(.create(create))
            )
            #expect(try await watcher.next()?.event?.type == .nodeCreated)
            #expect(try await watcher.next()?.event?.type == .nodeDeleted)
            // Never early; how late depends on how busy the machine is.
            #expect(EventLoop.monotonicNow() - asked >= .milliseconds(200))
            #expect(facts.withLock { $0 } == [.expired])
            _ = await silent.readAll()
        }
    }

    @Test func `words, garbage and hang-ups leave the server serving`() async throws {
        try await withRegistry { server, address in
            let word = try Wireman(to: address)
            try await word.write(Array("ruok".utf8))
            #expect(await word.readAll() == Array("imok".utf8))
            let garbage = try Wireman(to: address)
            try await garbage.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
            #expect(await garbage.readAll() == [])
            let gone = try Wireman(to: address)
            try await gone.handshake()
            gone.hangUp()
            let client = try Wireman(to: address)
            try await client.handshake()
            #expect(try await client.ask(.ping)?.error == .ok)
            let isTidy = await eventually { await server.status().connections == 1 }
            #expect(isTidy)
            #expect(await server.status().sessions == 2)
        }
    }

    @Test func `big requests, big replies and deep pipelines pass through`() async throws {
        try await withRegistry { _, address in
            let client = try Wireman(to: address)
            try await client.handshake()
            let data = [UInt8](repeating: 9, count: 1_000_000)
            _ = try await client.ask(
                .create(CreateRequest(path: "/b", data: data, mode: .persistent))
            )
            let get = Request.getData(GetDataRequest(path: "/b", watch: false))
            for xid in Int32(1)...20 { try await client.send(get, xid: xid) }
            for xid in Int32(1)...20 {
                let reply = try #require(try await client.next())
                #expect(reply.xid == xid)
                #expect(reply.body.count == 1_000_000 + 72)
            }
            for xid in Int32(1)...3_000 { try await client.send(.ping, xid: xid) }
            for _ in 1...3_000 { #expect(try await client.next()?.xid == XID.ping) }
        }
    }

    @Test func `figures are in the metrics, and stop ends every connection`() async throws {
        let metrics = MetricsRegistry()
        let loop = EventLoop(name: "registry")
        defer { loop.stop() }
        let server = RegistryServer(
            loop: loop,
            configuration: RegistryConfiguration(listen: .loopback()),
            metrics: metrics
        )
        let address = try #require(try await server.start())
        let client = try Wireman(to: address)
        try await client.handshake()
        let text = metrics.prometheusText()
        #expect(text.contains("muster_registry_sessions 1"))
        #expect(text.contains("muster_registry_requests_total 1"))
        await server.stop()
        #expect(await client.isAtEnd())
        #expect(await server.status().connections == 0)
    }

    @Test func `what cannot work is refused with a sentence`() async throws {
        let loop = EventLoop(name: "registry")
        defer { loop.stop() }
        func server(_ configuration: RegistryConfiguration) -> RegistryServer {
            RegistryServer(loop: loop, configuration: configuration, metrics: MetricsRegistry())
        }
        let quick = server(RegistryConfiguration(listen: nil, tickTime: .milliseconds(1)))
        let error = await #expect(throws: RegistryError.self) { try await quick.start() }
        #expect(error?.code == .badConfiguration)
        let first = server(RegistryConfiguration(listen: .loopback()))
        let address = try #require(try await first.start())
        let second = server(RegistryConfiguration(listen: .loopback(address.port)))
        let taken = await #expect(throws: RegistryError.self) { try await second.start() }
        #expect(taken?.code == .cannotListen)
        let attached = await #expect(throws: RegistryError.self) {
            try await first.attach(descriptor: -1)
        }
        #expect(attached?.code == .cannotAttach)
        await first.stop()
    }

    @Test func `a registry whose disk failed ends its connections, and no session`() async throws {
        let folder = try TemporaryDirectory()
        let directory = folder.path + "/registry"
        let loop = EventLoop(name: "registry")
        defer { loop.stop() }
        let server = RegistryServer(
            loop: loop,
            configuration: RegistryConfiguration(
                listen: .loopback(),
                requestBytesMax: 4_096,
                store: StoreConfiguration(directory: directory, segmentBytes: 65_536)
            ),
            metrics: MetricsRegistry()
        )
        let address = try #require(try await server.start())
        let client = try Wireman(to: address)
        try await client.handshake()
        let create = CreateRequest(path: "/a", data: [], mode: .persistent)
        #expect(try await client.ask(.create(create))?.error == .ok)
        #expect(await server.timer != nil)
        // The next segments of the log cannot be made.
        try FileManager.default.moveItem(atPath: directory, toPath: folder.path + "/elsewhere")
        let data = [UInt8](repeating: 1, count: 3_000)
        let set = SetDataRequest(path: "/a", data: data, version: -1)
        let sets = (Int32(1)...100).flatMap { ServerBench.frame(.setData(set), xid: $0) }
        try await client.write(sets)
        _ = await client.readAll()
        #expect(server.trouble.snapshot()?.contains("its disk failed") == true)
        #expect(await server.timer == nil)
        #expect(await server.status().sessions == 1)
        await server.stop()
    }

    private func withRegistry(
        facts: @escaping @Sendable (SessionFact) -> Void = { _ in },
        _ body: (RegistryServer, SocketAddress) async throws -> Void
    ) async throws {
        let loop = EventLoop(name: "registry")
        let server = RegistryServer(
            loop: loop,
            configuration: RegistryConfiguration(
                listen: .loopback(),
                tickTime: .seconds(2),
                minSessionTimeout: .milliseconds(200)
            ),
            metrics: MetricsRegistry(),
            facts: facts
        )
        let address = try #require(try await server.start())
        do {
            try await body(server, address)
        } catch {
            await server.stop()
            loop.stop()
            throw error
        }
        await server.stop()
        loop.stop()
    }
}
