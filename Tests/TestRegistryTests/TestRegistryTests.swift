import Foundation
import Runtime
import ServiceModel
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol
import ZooKeeperServer

@Suite struct TestRegistryTests {
    // A14.7
    @Test func `registries side by side have ports of their own and end when told`() async throws {
        let first = try await TestRegistry.start()
        let second = try await TestRegistry.start(RegistryConfiguration(listen: nil))
        #expect(first.address.port != 0)
        #expect(first.address.port != second.address.port)
        #expect(first.directory != second.directory)
        #expect(first.connectString == "127.0.0.1:\(first.address.port)")
        #expect(await first.server.status().znodes == 4)
        await first.stop()
        // The port is free again.
        let third = try await TestRegistry.start(
            RegistryConfiguration(listen: .loopback(first.address.port))
        )
        #expect(third.address == first.address)
        for registry in [first, second, third] { await registry.close() }
    }

    // A14.7
    @Test func `the directory stays until close, the port over a restart`() async throws {
        let registry = try await TestRegistry.start()
        let file = registry.directory + "/kept"
        #expect(FileManager.default.createFile(atPath: file, contents: Data([1])))
        let zxid = await registry.server.status().zxid
        await registry.stop()
        await registry.stop()
        #expect(FileManager.default.fileExists(atPath: file))
        try await registry.restart()
        let status = await registry.server.status()
        #expect(status.address == registry.address)
        #expect(status.zxid > zxid)
        // Without a stop before it, too.
        try await registry.restart()
        #expect(await registry.server.status().zxid > status.zxid)
        await registry.close()
        #expect(!FileManager.default.fileExists(atPath: registry.directory))
        await registry.close()
    }

    // A14.7
    @Test func `a registry that nobody has any more leaves no directory behind`() async throws {
        var registry: TestRegistry? = try await TestRegistry.start()
        let directory = try #require(registry?.directory)
        await registry?.stop()
        #expect(FileManager.default.fileExists(atPath: directory))
        registry = nil
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    // A14.7
    @Test func `a registry on disk comes back with its tree, and clients with their sessions`()
        async throws
    {
        let registry = try await TestRegistry.start(memory: .disk)
        let loop = EventLoop(name: "client")
        let client = ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(connectString: registry.connectString)
        )
        let running = Task { await client.run() }
        try await client.create("/kept", data: [1, 2, 3])
        try await client.create("/kept/mine", mode: .ephemeral)
        #expect(
            try await client.create("/kept/n-", mode: .persistentSequential) == "/kept/n-0000000001"
        )
        _ = try await client.setData("/kept", data: [4])
        let before = try await client.getData("/kept")
        let session = try #require(await client.identity).sessionID
        let zxid = await registry.server.status().zxid
        for _ in 1...2 {
            try await registry.restart()
            #expect(await registry.server.status().zxid == zxid)
            // Calls fail until the client has noticed, and is back.
            #expect(await eventually { (try? await client.sync()) != nil })
            let after = try await client.getData("/kept")
            #expect(after.data == [4])
            #expect(after.stat == before.stat)
            #expect(await client.identity?.sessionID == session)
            #expect(try await client.exists("/kept/mine")?.ephemeralOwner == session)
        }
        #expect(
            try await client.create("/kept/n-", mode: .persistentSequential) == "/kept/n-0000000002"
        )
        await client.close()
        await running.value
        #expect(await registry.server.status().ephemerals == 0)
        loop.stop()
        await registry.close()
    }

    @Test func `A1.7 a client that starts before its server waits, and connects when it is there`()
        async throws
    {
        let registry = try await TestRegistry.start()
        await registry.stop()
        let loop = EventLoop(name: "client")
        let client = ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(connectString: registry.connectString)
        )
        let states = await client.states
        let running = Task { await client.run() }
        async let early = client.create("/early")
        #expect(await client.state == .connecting)
        try await registry.restart()
        do {
            #expect(try await early == "/early")
        } catch let error as ZooKeeperError {
            // Where the client had tried all servers before.
            #expect(error.code == .notSent)
        }
        var seen: [SessionState] = []
        for await state in states {
            seen.append(state)
            if case .connected = state { break }
        }
        #expect(seen.dropLast().allSatisfy { $0 == .connecting })
        #expect(try await client.create("/later") == "/later")
        await client.close()
        await running.value
        loop.stop()
        await registry.close()
    }

    // A14.7
    @Test func `the example of the documentation runs as it stands there`() async throws {
        let registry = try await TestRegistry.start()
        let loop = EventLoop(name: "client")
        let client = ZooKeeperSession(
            loop: loop,
            configuration: try SessionConfiguration(connectString: registry.connectString)
        )
        let running = Task { await client.run() }
        try await client.create("/colour", data: Array("blue".utf8))
        #expect(try await client.getData("/colour").data == Array("blue".utf8))
        await client.close()
        await running.value
        loop.stop()
        await registry.close()

        // What ran above is what the documentation shows.
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."
        let shown = try String(
            contentsOfFile: sources + "/Sources/TestRegistry/TestRegistry.swift",
            encoding: .utf8
        )
        let lines = shown.split(separator: "\n").drop { $0 != "/// ```swift" }.dropFirst()
        let example = lines.prefix { $0 != "/// ```" }
            .map { "        " + $0.dropFirst("/// ".count) + "\n" }.joined()
        try #require(example.count > 100)
        #expect(try String(contentsOfFile: #filePath, encoding: .utf8).contains(example))
    }
}
