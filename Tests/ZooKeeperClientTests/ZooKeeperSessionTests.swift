import Runtime
import ServiceModel
import Synchronization
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

@Suite struct ZooKeeperSessionTests {
    /// Runs a test against a scripted server, then ends session and loop.
    private func withSession(
        timeout: Duration = .seconds(10),
        script: @escaping FakeServer.Script = FakeServer.agreeable,
        configure: (inout SessionConfiguration) -> Void = { _ in },
        _ body: (ZooKeeperSession, FakeServer) async throws -> Void
    ) async throws {
        let loop = EventLoop(name: "t-session")
        let server = FakeServer(loop: loop, script: script)
        var configuration = SessionConfiguration(
            servers: .descriptor { try await server.connect() },
            sessionTimeout: timeout
        )
        configure(&configuration)
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await body(session, server)
            } catch {
                Issue.record(error)
            }
            group.cancelAll()
        }
        await server.hangUpAll()
        loop.stop()
    }

    @Test func `A1.7 early calls wait for the connection and the states tell of it`() async throws {
        try await withSession { session, _ in
            let early = try await session.getData("/early").data
            #expect(early == Array("/early".utf8))
            #expect(await session.state == .connected(sessionID: 7, resumed: false))
            #expect(await session.identity?.sessionID == 7)
        }
    }

    @Test func `every operation has its shape`() async throws {
        try await withSession { session, _ in
            #expect(try await session.create("/a", data: [1]) == "/a")
            #expect(try await session.create("/c", mode: .container) == "/c")
            #expect(try await session.exists("/a") == .sample)
            #expect(try await session.setData("/a", data: nil) == .sample)
            #expect(try await session.getChildren("/a") == ["a", "b"])
            #expect(try await session.getChildren2("/a").children == ["a"])
            try await session.delete("/a")
            try await session.sync()
            try await session.addWatch("/a", mode: .persistentRecursive)
            let operations = [MultiRequest.Operation.delete(DeleteRequest(path: "/a", version: 1))]
            #expect(try await session.multi(operations) == [.delete])
        }
    }

    @Test func `a refusal carries the server's code, and exists knows absence`() async throws {
        let script: FakeServer.Script = { input in
            guard case .request(let request, _) = input, request != .closeSession else {
                return FakeServer.agreeable(input)
            }
            if case .multi(let record) = request {
                let failed = MultiResponse(failedAt: 1, .badVersion, count: record.operations.count)
                return [.reply(.multi(failed), zxid: 3)]
            }
            return [.refuse(.noNode, zxid: 3)]
        }
        try await withSession(script: script) { session, _ in
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.getData("/x")
            }
            #expect(error?.code == .refused)
            #expect(error?.server == .noNode)
            #expect(error?.message == "getData /x: NONODE")
            let absent = try await session.exists("/x")
            #expect(absent == nil)
            let delete = MultiRequest.Operation.delete(DeleteRequest(path: "/a", version: 1))
            let multi = await #expect(throws: ZooKeeperError.self) {
                try await session.multi([delete, delete, delete])
            }
            #expect(multi?.server == .badVersion)
            #expect(multi?.message.contains("operation 1") == true)
        }
    }

    @Test func `A13.9 a thousand pipelined calls return in order, to the sink too`() async throws {
        try await withSession { session, server in
            let tags = Mutex<[UInt64]>([])
            await session.attach { events in
                for case .reply(let tag, .success, _) in events { tags.withLock { $0.append(tag) } }
            }
            await session.submit(
                (0..<1_000).map {
                    (.getData(GetDataRequest(path: "/n\($0)", watch: false)), UInt64($0))
                }
            )
            _ = try await session.getData("/last")
            #expect(tags.withLock { $0 } == Array(0..<1_000))
            let paths = await server.inputs.compactMap {
                if case .request(.getData(let record), _) = $0 { record.path } else { nil }
            }
            #expect(paths == (0..<1_000).map { "/n\($0)" } + ["/last"])
        }
    }

    @Test func `A1.6 a lost connection is resumed with the same session and watches`() async throws
    {
        try await withSession { session, server in
            try await session.addWatch("/dubbo", mode: .persistentRecursive)
            var states = await session.states.makeAsyncIterator()
            _ = await states.next()
            await server.hangUpAll()
            #expect(await states.next() == .suspended)
            #expect(await states.next() == .connected(sessionID: 7, resumed: true))
            _ = try await session.getData("/after")
            let late = await server.inputs.suffix(3)
            guard case .connect(let request)? = late.first else {
                Issue.record("no reconnect")
                return
            }
            #expect(request.sessionID == 7)
            #expect(request.lastZxidSeen == 1)
            let renewal = SetWatches2Request(
                oneShot: SetWatchesRequest(
                    relativeZxid: 1,
                    dataWatches: [],
                    existWatches: [],
                    childWatches: []
                ),
                persistentWatches: [],
                persistentRecursiveWatches: ["/dubbo"]
            )
            #expect(late.dropFirst().first == .request(.setWatches2(renewal), xid: -8))
        }
    }

    @Test func `A1.9 an expired session is followed by a new one without watches`() async throws {
        let isExpired = Atomic<Bool>(false)
        let script: FakeServer.Script = { input in
            guard case .connect(let request) = input else { return FakeServer.agreeable(input) }
            if request.sessionID != 0, isExpired.load(ordering: .relaxed) {
                return [.connect(.refusal(readOnly: false)), .hangUp]
            }
            let fresh: Int64 = isExpired.load(ordering: .relaxed) ? 8 : 7
            return [.connect(FakeServer.accepted(request, fresh: fresh))]
        }
        try await withSession(script: script) { session, server in
            try await session.addWatch("/a", mode: .persistent)
            var states = await session.states.makeAsyncIterator()
            _ = await states.next()
            isExpired.store(true, ordering: .relaxed)
            await server.hangUpAll()
            #expect(await states.next() == .suspended)
            #expect(await states.next() == .expired)
            #expect(await states.next() == .connected(sessionID: 8, resumed: false))
            _ = try await session.getData("/after")
            let renewals = await server.inputs.filter {
                if case .request(_, let xid) = $0 { xid == -8 } else { false }
            }
            #expect(renewals.isEmpty)
        }
    }

    @Test func `a request behind a lost connection tells that its outcome is unknown`() async throws
    {
        let script: FakeServer.Script = { input in
            guard case .request(.create, _) = input else { return FakeServer.agreeable(input) }
            return [.hangUp]
        }
        try await withSession(script: script) { session, server in
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.create("/a")
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.isCertainlyNotDone == false)
            await server.accept(false)
            await server.hangUpAll()
            let second = await #expect(throws: ZooKeeperError.self) {
                try await session.create("/b")
            }
            #expect(second?.code == .notSent)
            #expect(second?.isCertainlyNotDone == true)
            await server.accept(true)
            let third = try await session.getData("/c").data
            #expect(third == Array("/c".utf8))
        }
    }

    @Test func `A2.6 events come before the reply that shows the change, in one order`()
        async throws
    {
        let script: FakeServer.Script = { input in
            guard case .request(.setData(let record), _) = input else {
                return FakeServer.agreeable(input)
            }
            let event = WatchEvent(.nodeDataChanged, path: record.path)
            return [.event(event), .reply(.stat(.sample), zxid: 5)]
        }
        try await withSession(script: script) { session, _ in
            let order = Mutex<[String]>([])
            await session.attach { events in
                for event in events {
                    switch event {
                    case .watch(let watch): order.withLock { $0.append(watch.path) }
                    case .reply(let tag, _, let zxid):
                        order.withLock { $0.append("\(tag)@\(zxid)") }
                    case .state: break
                    }
                }
            }
            for (tag, path) in [(1, "/x"), (2, "/y")] as [(UInt64, String)] {
                let record = SetDataRequest(path: path, data: nil, version: -1)
                await session.submit(.setData(record), tag: tag)
            }
            _ = try await session.getData("/z")
            #expect(order.withLock { $0 } == ["/x", "1@5", "/y", "2@5"])
        }
    }

    @Test func `watch events reach streams below their path, and a slow reader loses its stream`()
        async throws
    {
        try await withSession { session, server in
            var below = await session.watchEvents(below: "/a").makeAsyncIterator()
            let slow = await session.watchEvents(bufferedMax: 2)
            _ = try await session.getData("/connected")
            let events = ["/ab", "/a", "/a/b"].map { WatchEvent(.nodeCreated, path: $0) }
            await server.send(events.map { .event($0) })
            #expect(try await below.next()?.path == "/a")
            #expect(try await below.next()?.path == "/a/b")
            // The turn of the loop that gave out the last event is over: the slow one has missed it.
            #expect(await session.state == .connected(sessionID: 7, resumed: false))
            var seen: [String] = []
            let error = await #expect(throws: ZooKeeperError.self) {
                for try await event in slow { seen.append(event.path) }
            }
            #expect(error?.code == .overloaded)
            #expect(seen == ["/ab", "/a"])
        }
    }

    @Test func `A1.8 an idle session pings at a third of its timeout`() async throws {
        try await withSession(timeout: .milliseconds(900)) { session, server in
            _ = try await session.getData("/connected")
            await server.waitForPings(3)
            #expect(await server.connectionsMade == 1)
            #expect(await session.state == .connected(sessionID: 7, resumed: false))
        }
    }

    @Test func `a silent server is given up after two thirds of the timeout`() async throws {
        let script: FakeServer.Script = { input in
            if case .connect = input { return FakeServer.agreeable(input) }
            return []
        }
        try await withSession(timeout: .milliseconds(900), script: script) { session, server in
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.getData("/never")
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.message.contains("silent") == true)
            // The server never answers closeSession either; do not wait for it.
            await server.follow(FakeServer.agreeable)
        }
    }

    @Test func `close tells the server and ends states, streams and later calls`() async throws {
        try await withSession { session, server in
            _ = try await session.getData("/connected")
            let states = await session.states
            await session.close()
            var seen: [SessionState] = []
            for await state in states { seen.append(state) }
            #expect(seen == [.connected(sessionID: 7, resumed: false), .closed])
            guard case .request(.closeSession, _)? = await server.inputs.last else {
                Issue.record("no closeSession")
                return
            }
            let error = await #expect(throws: ZooKeeperError.self) {
                try await session.getData("/x")
            }
            #expect(error?.code == .closed)
        }
    }

    @Test func `a session over hosts skips dead addresses`() async throws {
        let loop = EventLoop(name: "t-hosts")
        let server = FakeServer(loop: loop, script: FakeServer.agreeable)
        let dead = try ListenSocket(on: .loopback())
        let deadBound = dead.localAddress
        let deadAddress = try #require(deadBound)
        close(dead.takeDescriptor())
        let listener = try await Listener(loop: loop, server: server)
        let configuration = SessionConfiguration(
            servers: .hosts(["\(deadAddress)", "\(listener.address)"])
        )
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                #expect(try await session.getData("/a").data == Array("/a".utf8))
            } catch {
                Issue.record(error)
            }
            group.cancelAll()
        }
        await listener.close()
        await server.hangUpAll()
        loop.stop()
    }
}
