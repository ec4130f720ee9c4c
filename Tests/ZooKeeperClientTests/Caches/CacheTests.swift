import Synchronization
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct CacheTests {
    @Test func `a node cache follows its znode through absence, reconnect and expiry`() async {
        let server = TreeServer()
        await withScriptedSession(script: server.script) { session, fake in
            let cache = NodeCache(session, "/a")
            let changes = await cache.changes()
            var iterator = changes.makeAsyncIterator()
            #expect(await cache.isInitialized == false)
            try await cache.start()
            #expect(await cache.isInitialized)
            #expect(await cache.node == nil)
            #expect(try await iterator.next() == .initialized)
            await fake.send(server.change { $0.create("/a", data: [1]) })
            guard case .created(let first)? = try await iterator.next() else {
                Issue.record("not created")
                return
            }
            #expect(first.data == [1])
            #expect(first.name == "a")
            _ = server.change { $0.set("/a", [2]) }
            await fake.hangUpAll()
            guard case .changed(let second, first)? = try await iterator.next() else {
                Issue.record("not changed")
                return
            }
            #expect(second.data == [2])
            #expect(try await iterator.next() == .resynced)
            server.state.withLock { $0.session = 8 }
            _ = server.change { $0.delete("/a") }
            await fake.hangUpAll()
            #expect(try await iterator.next() == .deleted(second))
            #expect(try await iterator.next() == .resynced)
            #expect(await cache.node == nil)
            await cache.close()
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func `a children cache has the children alone, a tree cache all`() async {
        let server = TreeServer()
        server.make("/a", "/a/b", "/a/c", "/a/b/d")
        await withScriptedSession(script: server.script) { session, fake in
            let children = ChildrenCache(session, "/a")
            let tree = TreeCache(session, "/a")
            try await children.start()
            try await tree.start()
            #expect(await children.children.map(\.name) == ["b", "c"])
            #expect(await children.child("c")?.path == "/a/c")
            #expect(await tree.count == 4)
            #expect(await tree.children(of: "/a") == ["b", "c"])
            #expect(await tree.node("/a/b/d")?.data == [])
            #expect(await tree.children(of: "/z") == nil)
            let changes = await children.changes()
            var iterator = changes.makeAsyncIterator()
            await fake.send(server.change { $0.set("/a") })
            await fake.send(server.change { $0.create("/a/b/e") })
            await fake.send(server.change { $0.delete("/a/c") })
            guard case .deleted(let gone)? = try await iterator.next() else {
                Issue.record("not deleted")
                return
            }
            #expect(gone.path == "/a/c")
            let isThere = await eventually { await tree.node("/a/b/e") != nil }
            #expect(isThere)
            #expect(await children.children.map(\.name) == ["b"])
        }
    }

    @Test func `changes that are not read in time become one overflow`() async {
        let server = TreeServer()
        await withScriptedSession(script: server.script) { session, fake in
            let cache = NodeCache(session, "/a")
            try await cache.start()
            let changes = await cache.changes(bufferedMax: 1)
            await fake.send(server.change { $0.create("/a") })
            let isCreated = await eventually { await cache.node != nil }
            #expect(isCreated)
            for version in 1...3 as ClosedRange<Int32> {
                await fake.send(server.change { $0.set("/a") })
                let isSet = await eventually { await cache.node?.stat.version == version }
                #expect(isSet)
            }
            var iterator = changes.makeAsyncIterator()
            guard case .created? = try await iterator.next() else {
                Issue.record("not created")
                return
            }
            #expect(try await iterator.next() == .overflow)
        }
    }

    @Test func `a cache that nobody has takes its watch back, one of a closed session ends`() async
    {
        let server = TreeServer()
        await withScriptedSession(script: server.script) { session, fake in
            var cache: NodeCache? = NodeCache(session, "/a")
            try await cache?.start()
            #expect(await session.watchSinks.count == 1)
            cache = nil
            let isForgotten = await eventually { await session.watchSinks.count == 0 }
            #expect(isForgotten)
            let other = TreeCache(session, "/b")
            try await other.start()
            var iterator = await other.changes().makeAsyncIterator()
            await session.close()
            let error = await #expect(throws: ZooKeeperError.self) {
                while try await iterator.next() != nil {}
            }
            #expect(error?.code == .closed)
            let late = await #expect(throws: ZooKeeperError.self) {
                try await NodeCache(session, "/c").start()
            }
            #expect(late?.code == .closed)
        }
    }

    @Test func `a cache beyond its bound ends and says so`() async {
        let server = TreeServer()
        server.make("/a", "/a/b", "/a/c")
        await withScriptedSession(script: server.script) { session, _ in
            let error = await #expect(throws: ZooKeeperError.self) {
                try await ChildrenCache(session, "/a", childrenMax: 1).start()
            }
            #expect(error?.code == .overloaded)
        }
    }
}
