import Synchronization
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct ProtectionTests {
    private let policy = RetryPolicy.times(20, pause: .milliseconds(20))

    @Test(arguments: [TreeServer.Fault.before, .after])
    func `A14.2 a protected create makes one znode, wherever the connection broke`(
        fault: TreeServer.Fault
    ) async throws {
        let server = TreeServer()
        server.make("/locks", "/locks/other")
        await withScriptedSession(script: server.script) { session, _ in
            server.fault(.create, fault, fault)
            server.fault(.getChildren, .before)
            let path = try await session.createProtected("/locks/lock-", retrying: policy)
            #expect(server.paths == ["/locks", path, "/locks/other"])
            #expect(ProtectedName.plain(ZNodePath.name(of: path)) == "lock-0000000001")
            let second = try await session.createProtected(
                "/locks/w-",
                data: [1],
                mode: .persistentSequential,
                retrying: policy
            )
            #expect(ProtectedName.plain(ZNodePath.name(of: second)) == "w-0000000002")
        }
    }

    @Test func `an ephemeral of an expired session is not taken for the new one's`() async {
        let server = TreeServer()
        server.make("/locks")
        await withScriptedSession(script: server.script) { session, _ in
            _ = try await session.exists("/locks")
            server.fault(.create, .after)
            server.state.withLock { state in
                // The znode is made for the session that ends with this connection.
                state.session = 8
                state.tree.owner = 7
            }
            async let path = session.createProtected("/locks/lock-", retrying: policy)
            let made = try await path
            #expect(made.hasSuffix("lock-0000000001"))
        }
        #expect(server.paths.count == 3)
    }

    @Test func `prefixes are Curator's: a version 4 UUID, each its own`() throws {
        let shape = /_c_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-/
        let prefixes = (0..<1_000).map { _ in ProtectedName.prefix() }
        for prefix in prefixes { #expect(prefix.wholeMatch(of: shape) != nil, "\(prefix)") }
        #expect(Set(prefixes).count == prefixes.count)
        #expect(ProtectedName.plain(prefixes[0] + "lock-1") == "lock-1")
        #expect(ProtectedName.plain("_c_short") == "_c_short")
        #expect(ProtectedName.plain("lock-1") == "lock-1")
    }

    @Test func `what is no path, or has no parent there, is refused`() async {
        let server = TreeServer()
        await withScriptedSession(script: server.script) { session, _ in
            let bad = await #expect(throws: ZooKeeperError.self) {
                try await session.createProtected("lock")
            }
            #expect(bad?.code == .badArgument)
            let absent = await #expect(throws: ZooKeeperError.self) {
                try await session.createProtected("/no/lock-")
            }
            #expect(absent?.server == .noNode)
        }
    }
}
