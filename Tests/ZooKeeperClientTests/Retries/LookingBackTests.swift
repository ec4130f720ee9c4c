import Synchronization
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct LookingBackTests {
    private let policy = RetryPolicy.times(20, pause: .milliseconds(20))

    @Test(arguments: [TreeServer.Fault.before, .after])
    func `A14.2 a write of unknown outcome is done once, wherever the connection broke`(
        fault: TreeServer.Fault
    ) async {
        let server = TreeServer()
        server.make("/a")
        await withScriptedSession(script: server.script) { session, _ in
            server.fault(.create, fault, fault)
            try await session.create("/a/b", data: [1], retrying: policy)
            server.fault(.create, fault)
            try await session.create("/a/e", mode: .ephemeral, retrying: policy)
            server.fault(.setData, fault, fault)
            let stat = try await session.setData("/a/b", data: [2], version: 0, retrying: policy)
            #expect(stat.version == 1)
            server.fault(.setData, fault)
            #expect(try await session.setData("/a/b", data: [3], retrying: policy).version == 2)
            server.fault(.delete, fault)
            try await session.delete("/a/e", version: 0, retrying: policy)
        }
        #expect(server.paths == ["/a", "/a/b"])
        #expect(server.state.withLock { $0.tree.nodes["/a/b"]?.version } == 2)
    }

    @Test func `what others did meanwhile is not taken for one's own`() async {
        let server = TreeServer()
        server.make("/a", "/b")
        await withScriptedSession(script: server.script) { session, _ in
            _ = try await session.getData("/a")
            let other = SetDataRequest(path: "/a", data: [9], version: -1)
            server.fault(.setData, .beforeOther(.setData(other)))
            let lost = await #expect(throws: ZooKeeperError.self) {
                try await session.setData("/a", data: [1], version: 0, retrying: policy)
            }
            #expect(lost?.code == .outcomeUnknown)
            let record = CreateRequest(path: "/c", data: [9], acl: [], mode: .persistent)
            server.fault(.create, .beforeOther(.create(record)))
            let taken = await #expect(throws: ZooKeeperError.self) {
                try await session.create("/c", data: [1], retrying: policy)
            }
            #expect(taken?.server == .nodeExists)
            let missing = await #expect(throws: ZooKeeperError.self) {
                try await session.delete("/none", retrying: policy)
            }
            #expect(missing?.server == .noNode)
            let sequential = await #expect(throws: ZooKeeperError.self) {
                try await session.create("/s-", mode: .ephemeralSequential, retrying: policy)
            }
            #expect(sequential?.code == .badArgument)
        }
        #expect(server.state.withLock { $0.tree.nodes["/a"]?.data } == [9])
    }

    @Test func `retrying repeats reads, but no write of unknown outcome`() async {
        let server = TreeServer()
        server.make("/a")
        await withScriptedSession(script: server.script) { session, _ in
            server.fault(.getData, .before, .before)
            let data = try await session.retrying(policy, .ifUnknown) {
                try await session.getData("/a").data
            }
            #expect(data == [])
            #expect(server.count(.getData) == 3)
            server.fault(.setData, .after)
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.retrying(policy) { try await session.setData("/a", data: [1]) }
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(server.count(.setData) == 1)
        }
    }

    @Test func `retrying waits for a server, and gives up when its policy ends`() async {
        await withScriptedSession { session, server in
            await server.accept(false)
            await server.hangUpAll()
            let tries = Mutex(0)
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.retrying(.times(2, pause: .milliseconds(5))) {
                    tries.withLock { $0 += 1 }
                    return try await session.exists("/a")
                }
            }
            #expect(error?.code == .notSent)
            #expect(tries.withLock { $0 } == 3)
            async let there = session.retrying(.times(100, pause: .milliseconds(20))) {
                try await session.exists("/a")
            }
            await server.accept(true)
            let stat = try await there
            #expect(stat == .sample)
        }
    }

    @Test func `a cancelled task retries no more`() async {
        await withScriptedSession { session, server in
            await server.accept(false)
            await server.hangUpAll()
            await withTaskGroup(of: ZooKeeperError.Code?.self) { group in
                group.addTask {
                    do {
                        _ = try await session.retrying(.times(9, pause: .seconds(600))) {
                            try await session.exists("/a")
                        }
                        return nil
                    } catch {
                        return (error as? ZooKeeperError)?.code
                    }
                }
                group.cancelAll()
                for await code in group { #expect(code == .notSent) }
            }
        }
    }
}
