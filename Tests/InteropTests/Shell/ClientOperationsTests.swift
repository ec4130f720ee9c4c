import Runtime
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// Runs a body against both kinds of servers: the embedded registry and Debian's ZooKeeper 3.8.
private func onBothServers(
    _ body: (_ connectString: String) async throws -> Void
) async throws {
    let registry = try await TestRegistry.start()
    do {
        try await body(registry.connectString)
    } catch {
        Issue.record(error, "on the embedded registry")
    }
    await registry.close()
    let server = try await ZooKeeperServer(javaProperties: ["zookeeper.extendedTypesEnabled=true"])
    do {
        try await body(server.address)
    } catch {
        Issue.record(error, "on ZooKeeper 3.8")
    }
    withExtendedLifetime(server) {}
}

@Suite(.needs(.zooKeeperServer)) struct ClientOperationsTests {
    /// Opens a session, runs a body in it and closes it.
    private func withSession(
        _ connectString: String,
        _ body: (ZooKeeperSession) async throws -> Void
    ) async throws {
        let loop = EventLoop(name: "t-client")
        let configuration = try SessionConfiguration(connectString: connectString)
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await body(session)
            } catch {
                Issue.record(error, "on \(connectString)")
            }
            group.cancelAll()
        }
        loop.stop()
    }

    private func code(_ operation: () async throws -> Void) async -> ErrorCode? {
        do {
            try await operation()
            return nil
        } catch let error as ZooKeeperError {
            return error.server
        } catch {
            Issue.record(error)
            return nil
        }
    }

    @Test func `A1.20 identities, watches and the rarer operations are alike on both servers`()
        async throws
    {
        try await onBothServers { server in
            try await identities(server)
            try await unknownScheme(server)
            try await removals(server)
            try await rarerOperations(server)
        }
    }

    /// What was made for its creator opens to whoever adds the same identity.
    private func identities(_ server: String) async throws {
        try await withSession(server) { owner in
            try await owner.addAuth(scheme: "digest", credential: Array("u:p".utf8))
            let names = try await owner.whoAmI().filter { $0.scheme == "digest" }.map(\.user)
            #expect(names == ["u"])
            let mine = [ACL(.all, scheme: "auth", id: "")]
            try await owner.create("/mine", data: [1], acl: mine)
            let (acl, stat) = try await owner.getACL("/mine")
            #expect(acl.map(\.scheme) == ["digest"])
            #expect(stat.aversion == 0)
            try await withSession(server) { other in
                #expect(await code { _ = try await other.getData("/mine") } == .noAuth)
                try await other.addAuth(scheme: "digest", credential: Array("u:p".utf8))
                #expect(try await other.getData("/mine").data == [1])
            }
            let changed = try await owner.setACL("/mine", acl: ACL.readUnsafe, version: 0)
            #expect(changed.aversion == 1)
            #expect(
                await code { try await owner.setACL("/mine", acl: [], version: 1) } != nil
            )
        }
    }

    /// An unknown scheme ends the session.
    private func unknownScheme(_ server: String) async throws {
        try await withSession(server) { session in
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.addAuth(scheme: "nonsense", credential: [1])
            }
            #expect(error?.code == .authFailed)
            #expect(await session.state == .authFailed)
        }
    }

    /// Watches of each kind are taken back, and only those that are there.
    private func removals(_ server: String) async throws {
        try await withSession(server) { session in
            try await session.create("/w")
            #expect(await code { try await session.removeWatches("/w") } == .noWatcher)
            _ = try await session.getData("/w", watch: true)
            _ = try await session.getChildren("/w", watch: true)
            #expect(try await session.checkWatches("/w", kind: .data))
            #expect(try await session.removeWatches("/w", kind: .data) == [.data])
            #expect(try await session.checkWatches("/w", kind: .data) == false)
            #expect(try await session.checkWatches("/w", kind: .children))
            try await session.addWatch("/w", mode: .persistentRecursive)
            #expect(try await session.watchKinds(at: "/w") == [.children, .persistent])
            #expect(
                try await session.removeWatches("/w", kind: .any) == [.children, .persistent]
            )
            #expect(try await session.watchKinds(at: "/w") == [])
        }
    }

    private func rarerOperations(_ server: String) async throws {
        try await withSession(server) { session in
            try await session.create("/e1", mode: .ephemeral)
            try await session.create("/e2", mode: .ephemeral)
            #expect(try await session.getEphemerals().sorted() == ["/e1", "/e2"])
            #expect(try await session.getEphemerals("/e1") == ["/e1"])
            try await session.create("/c", mode: .container)
            try await session.create("/c/d")
            #expect(try await session.getAllChildrenNumber("/c") == 1)
            let made = try await session.create("/t", ttlMilliseconds: 60_000)
            #expect(made.path == "/t")
            #expect(made.stat.ephemeralOwner == 0)
            let numbered = try await session.create(
                "/c/t",
                ttlMilliseconds: 60_000,
                isSequential: true
            )
            #expect(numbered.path == "/c/t0000000001")
            let refused = await code {
                _ = try await session.reconfig(joining: nil, leaving: "1", members: nil)
            }
            #expect(refused == .unimplemented || refused == .reconfigDisabled)
        }
    }
}
