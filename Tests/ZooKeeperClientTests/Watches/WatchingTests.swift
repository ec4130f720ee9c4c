import Synchronization
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct WatchingTests {
    private func send(_ server: FakeServer, _ kind: WatchEvent.Kind, _ path: String) async {
        await server.send([.event(WatchEvent(kind, path: path))])
    }

    @Test func `a read and its watch are one request, and the watch fires once`() async {
        await withScriptedSession { session, server in
            let (data, _, watch) = try await session.getData(watching: "/a")
            #expect(data == Array("/a".utf8))
            let read = Request.getData(GetDataRequest(path: "/a", watch: true))
            #expect(await server.inputs.last == .request(read, xid: 1))
            await send(server, .nodeDataChanged, "/a")
            await send(server, .nodeDataChanged, "/a")
            var elements: [WatchElement] = []
            for try await element in watch { elements.append(element) }
            #expect(elements == [.event(WatchEvent(.nodeDataChanged, path: "/a"))])
            let list = try await session.getChildren(watching: "/a")
            #expect(list.children == ["a"])
            let there = try await session.exists(watching: "/a")
            #expect(there.stat == .sample)
            await send(server, .nodeDeleted, "/a")
            var (first, second) = (list.watch.makeAsyncIterator(), there.watch.makeAsyncIterator())
            #expect(try await first.next() == .event(WatchEvent(.nodeDeleted, path: "/a")))
            #expect(try await second.next() == .event(WatchEvent(.nodeDeleted, path: "/a")))
        }
    }

    @Test func `a persistent watch goes on through a reconnect and tells of it`() async {
        await withScriptedSession(chroot: "/r") { session, server in
            let watch = try await session.watch("/a", mode: .persistentRecursive)
            var elements = watch.makeAsyncIterator()
            await send(server, .nodeCreated, "/r/a/b")
            #expect(try await elements.next() == .event(WatchEvent(.nodeCreated, path: "/a/b")))
            await server.hangUpAll()
            #expect(try await elements.next() == .resync(.reconnected))
            await send(server, .nodeDeleted, "/r/a/b")
            #expect(try await elements.next() == .event(WatchEvent(.nodeDeleted, path: "/a/b")))
        }
    }

    @Test func `A1.9 a persistent watch goes on in the next session and tells of the expiry`()
        async
    {
        let isExpired = Atomic<Bool>(false)
        let script: FakeServer.Script = { input in
            guard case .connect(let request) = input, request.sessionID == 7,
                isExpired.exchange(false, ordering: .relaxed)
            else { return FakeServer.agreeable(input) }
            return [.connect(.refusal(readOnly: false)), .hangUp]
        }
        await withScriptedSession(script: script) { session, server in
            let watch = try await session.watch("/a", mode: .persistent)
            let once = try await session.exists(watching: "/b").watch
            isExpired.store(true, ordering: .relaxed)
            await server.hangUpAll()
            var (elements, other) = (watch.makeAsyncIterator(), once.makeAsyncIterator())
            #expect(try await elements.next() == .resync(.expired))
            #expect(try await other.next() == .resync(.expired))
            #expect(try await other.next() == nil)
            let adds = await server.inputs.filter {
                if case .request(.addWatch, _) = $0 { true } else { false }
            }
            #expect(adds.count == 2)
        }
    }

    @Test func `events that are not read in time become one overflow`() async {
        await withScriptedSession { session, server in
            let watch = try await session.watch("/a", mode: .persistent, bufferedMax: 2)
            for _ in 0..<5 { await send(server, .nodeDataChanged, "/a") }
            // Its reply is behind the events.
            _ = try await session.getData("/a")
            var elements = watch.makeAsyncIterator()
            let event = WatchElement.event(WatchEvent(.nodeDataChanged, path: "/a"))
            #expect(try await elements.next() == event)
            #expect(try await elements.next() == event)
            #expect(try await elements.next() == .resync(.overflow))
            await send(server, .nodeDeleted, "/a")
            #expect(try await elements.next() == .event(WatchEvent(.nodeDeleted, path: "/a")))
        }
    }

    @Test func `a watch that nobody has any more is taken back`() async {
        await withScriptedSession { session, server in
            for isCancelled in [true, false] {
                var watch: Watch? = try await session.watch("/a", mode: .persistent)
                if isCancelled { watch?.cancel() }
                watch = nil
                let removal = Request.removeWatches(WatcherRequest(path: "/a", type: .any))
                let isGone = await eventually {
                    if case .request(removal, _)? = await server.inputs.last { true } else { false }
                }
                #expect(isGone)
                _ = try await session.getData("/b")
            }
            #expect(await session.watchSinks.count == 0)
        }
    }

    @Test func `a server that closes at addWatch is read instead`() async {
        let script: FakeServer.Script = { input in
            switch input {
            case .request(.addWatch, _): return [.refuse(.unimplemented, zxid: 1), .hangUp]
            case .request(.exists(let record), _) where record.path == "/no":
                return [.refuse(.noNode, zxid: 1)]
            default: return FakeServer.agreeable(input)
            }
        }
        await withScriptedSession(script: script) { session, server in
            let watch = try await session.watch("/no", mode: .persistent)
            #expect(await server.connectionsMade == 2)
            let reader = try await session.watch("/a", mode: .persistent)
            #expect(await server.connectionsMade == 2)
            await server.follow(FakeServer.agreeable)
            await send(server, .nodeCreated, "/no")
            var elements = watch.makeAsyncIterator()
            #expect(try await elements.next() == .event(WatchEvent(.nodeCreated, path: "/no")))
            _ = reader
        }
    }

    @Test func `a server that does not know persistent watches after a reconnect is read`() async {
        let isOld = Atomic<Bool>(false)
        let script: FakeServer.Script = { input in
            guard case .request(.setWatches2, _) = input, isOld.load(ordering: .relaxed) else {
                return FakeServer.agreeable(input)
            }
            return [.refuse(.unimplemented, zxid: 1), .hangUp]
        }
        await withScriptedSession(script: script) { session, server in
            let watch = try await session.watch("/a", mode: .persistent)
            isOld.store(true, ordering: .relaxed)
            await server.hangUpAll()
            var elements = watch.makeAsyncIterator()
            #expect(try await elements.next() == .resync(.reconnected))
            let reads = await eventually {
                await server.inputs.contains { input in
                    guard case .request(.exists(let record), _) = input else { return false }
                    return record.watch
                }
            }
            #expect(reads)
        }
    }

    @Test func `the end of the session ends watches, and later ones are refused`() async {
        await withScriptedSession { session, _ in
            let watch = try await session.watch("/a", mode: .persistent)
            await session.close()
            var elements = watch.makeAsyncIterator()
            #expect(try await elements.next() == nil)
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.watch("/a", mode: .persistent)
            }
            #expect(error?.code == .closed)
            let bad = await #expect(throws: ZooKeeperError.self) {
                try await session.getData(watching: "/a")
            }
            #expect(bad?.code == .closed)
        }
    }
}
