import Membership
import ServiceModel
import Testing
import ZooKeeperProtocol

@Suite struct RegistrationEngineTests {
    private static let path = "/dubbo/a.B/providers/x"
    private let start = Instant(nanoseconds: 0)

    private let create = Request.create(CreateRequest(path: path, data: [1], mode: .ephemeral))
    private let look = Request.exists(ExistsRequest(path: path, watch: true))
    private let delete = Request.delete(DeleteRequest(path: path, version: -1))
    private let replace = Request.multi(
        MultiRequest([
            .delete(DeleteRequest(path: path, version: -1)),
            .create(CreateRequest(path: path, data: [1], mode: .ephemeral)),
        ])
    )
    private let created = Result<Response, ErrorCode>.success(.path(path))
    private let isReplaced = Result<Response, ErrorCode>.success(
        .multi(MultiResponse([.delete, .create(path: path)]))
    )
    private let deleted = WatchEvent(.nodeDeleted, path: path)

    private func stat(owner: Int64) -> Result<Response, ErrorCode> {
        .success(
            .stat(
                Stat(
                    czxid: 1,
                    mzxid: 1,
                    ctime: 0,
                    mtime: 0,
                    version: 0,
                    cversion: 0,
                    aversion: 0,
                    ephemeralOwner: owner,
                    dataLength: 0,
                    numChildren: 0,
                    pzxid: 1
                )
            )
        )
    }

    /// An engine whose znode stands in session 7.
    private func registered() -> RegistrationEngine {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        _ = engine.receive(created, now: start)
        _ = engine.receive(stat(owner: 7), now: start)
        return engine
    }

    @Test func `a registration is one create, then a watch`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        #expect(engine.status == .waiting)
        var output = engine.connected(session: 7, now: start)
        #expect(output == .init(request: create, status: .registering))
        output = engine.receive(created, now: start)
        #expect(output == .init(request: look, status: .registered))
        #expect(engine.receive(stat(owner: 7), now: start) == .init())
    }

    @Test func `missing parents are made, from the top, persistent`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        var output = engine.receive(.failure(.noNode), now: start)
        for (index, path) in ["/dubbo", "/dubbo/a.B", "/dubbo/a.B/providers"].enumerated() {
            let parent = CreateRequest(path: path, data: [], mode: .persistent)
            #expect(output.request == .create(parent))
            let reply: Result<Response, ErrorCode> =
                index == 0 ? .failure(.nodeExists) : .success(.path(path))
            output = engine.receive(reply, now: start)
        }
        #expect(output.request == create)
        #expect(engine.receive(created, now: start).status == .registered)
    }

    @Test func `a new session registers again`() {
        var engine = registered()
        #expect(engine.disconnected().status == .waiting)
        let output = engine.connected(session: 8, now: start)
        #expect(output == .init(request: create, status: .registering))
    }

    @Test func `the old session's znode is replaced in one transaction`() {
        var engine = registered()
        _ = engine.disconnected()
        _ = engine.connected(session: 8, now: start)
        #expect(engine.receive(.failure(.nodeExists), now: start).request == look)
        #expect(engine.receive(stat(owner: 7), now: start).request == replace)
        #expect(engine.receive(isReplaced, now: start).status == .registered)
        #expect(engine.receive(stat(owner: 8), now: start) == .init())
    }

    @Test func `a resumed session only looks`() {
        var engine = registered()
        _ = engine.disconnected()
        #expect(engine.connected(session: 7, now: start).request == look)
        #expect(engine.receive(stat(owner: 7), now: start) == .init(status: .registered))
    }

    @Test func `a create whose reply was lost is found to be ours`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        #expect(engine.receive(.failure(.connectionLoss), now: start) == .init())
        _ = engine.disconnected()
        #expect(engine.connected(session: 7, now: start).request == look)
        #expect(engine.receive(stat(owner: 7), now: start).status == .registered)
    }

    @Test func `a deletion by hand is undone at once`() {
        var engine = registered()
        #expect(engine.receive(deleted, now: start).request == look)
        #expect(engine.receive(.failure(.noNode), now: start).request == create)
        #expect(engine.receive(created, now: start).status == .registered)
    }

    @Test func `a deletion between create and watch is seen`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        _ = engine.receive(created, now: start)
        #expect(engine.receive(.failure(.noNode), now: start).request == create)
    }

    @Test func `an event during a request makes it look again`() {
        var engine = registered()
        _ = engine.receive(deleted, now: start)
        #expect(engine.receive(deleted, now: start) == .init())
        #expect(engine.receive(stat(owner: 7), now: start).request == look)
    }

    @Test func `other znodes' events mean nothing`() {
        var engine = registered()
        let other = WatchEvent(.nodeDeleted, path: "/dubbo/a.B/providers/y")
        #expect(engine.receive(other, now: start) == .init())
    }

    /// Loses the znode to another session once and asks for it back.
    private func lose(_ engine: inout RegistrationEngine, now: Instant) -> RegistrationEngine.Output
    {
        _ = engine.receive(deleted, now: now)
        return engine.receive(stat(owner: 99), now: now)
    }

    private func takeBack(_ engine: inout RegistrationEngine, now: Instant) {
        _ = engine.receive(isReplaced, now: now)
        _ = engine.receive(stat(owner: 7), now: now)
    }

    @Test func `after three losses to another live process it backs off and says so`() {
        var engine = registered()
        for second in 1...2 {
            let now = start + .seconds(second)
            #expect(lose(&engine, now: now).request == replace)
            takeBack(&engine, now: now)
        }
        let now = start + .seconds(3)
        let until = now + .seconds(30)
        let output = lose(&engine, now: now)
        #expect(output == .init(status: .contended(owner: 99, until: until), retryAt: until))
        #expect(engine.retry(now: until - .seconds(1)).request == nil)
        #expect(engine.retry(now: until).request == look)
        #expect(engine.receive(stat(owner: 99), now: until).request == replace)
    }

    @Test func `the other process's end gives the znode back at once`() {
        var engine = registered()
        for second in 1...3 {
            _ = lose(&engine, now: start + .seconds(second))
            if second < 3 { takeBack(&engine, now: start + .seconds(second)) }
        }
        let now = start + .seconds(5)
        #expect(engine.receive(deleted, now: now).request == look)
        #expect(engine.receive(.failure(.noNode), now: now).request == create)
        #expect(engine.receive(created, now: now).status == .registered)
    }

    @Test func `losses far apart are no fight`() {
        var engine = registered()
        for minute in 1...10 {
            let now = start + .seconds(minute * 61)
            #expect(lose(&engine, now: now).request == replace)
            takeBack(&engine, now: now)
        }
        #expect(engine.status == .registered)
    }

    @Test func `a replacement that comes too late looks again`() {
        var engine = registered()
        _ = lose(&engine, now: start)
        let failed = Result<Response, ErrorCode>.success(
            .multi(MultiResponse(failedAt: 0, .noNode, count: 2))
        )
        #expect(engine.receive(failed, now: start).request == look)
    }

    @Test func `a refusal is tried again after a growing pause, for ever`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        var now = start
        var output = engine.receive(.failure(.noAuth), now: now)
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            #expect(output.retryAt == now + .seconds(seconds))
            now = now + .seconds(seconds)
            #expect(engine.status == .failing(.noAuth, until: now))
            #expect(engine.retry(now: now).request == look)
            #expect(engine.receive(.failure(.noNode), now: now).request == create)
            output = engine.receive(.failure(.noAuth), now: now)
        }
    }

    @Test func `the end deletes the znode`() {
        var engine = registered()
        #expect(engine.end(now: start).request == delete)
        #expect(engine.receive(.success(.empty), now: start) == .init(status: .ended))
        #expect(engine.receive(deleted, now: start) == .init())
    }

    @Test func `the end during a create waits for its outcome`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        #expect(engine.end(now: start) == .init())
        #expect(engine.receive(created, now: start).request == delete)
        #expect(engine.receive(.failure(.noNode), now: start).status == .ended)
    }

    @Test func `the end leaves what is not ours alone`() {
        var engine = registered()
        _ = lose(&engine, now: start)
        _ = engine.receive(
            .success(.multi(MultiResponse(failedAt: 0, .noAuth, count: 2))),
            now: start
        )
        #expect(engine.end(now: start) == .init(status: .ended))
    }

    @Test func `the end without a connection is at once`() {
        var engine = registered()
        _ = engine.disconnected()
        #expect(engine.end(now: start) == .init(status: .ended))
        #expect(!engine.isDone)
        var later = engine
        #expect(later.connected(session: 7, now: start).request == look)
        #expect(later.receive(stat(owner: 7), now: start).request == delete)
        _ = later.receive(.success(.empty), now: start)
        #expect(later.isDone)
        #expect(engine.connected(session: 8, now: start) == .init())
        #expect(engine.isDone)
    }

    @Test func `the end while it looks leaves a znode that another took over alone`() {
        var engine = registered()
        #expect(engine.receive(deleted, now: start).request == look)
        #expect(engine.end(now: start) == .init())
        #expect(engine.receive(stat(owner: 9), now: start) == .init(status: .ended))
        #expect(engine.isDone)
    }

    @Test func `the end while it looks again waits for the newer look`() {
        var engine = registered()
        _ = engine.receive(deleted, now: start)
        _ = engine.end(now: start)
        _ = engine.receive(deleted, now: start)
        #expect(engine.receive(stat(owner: 7), now: start).request == look)
        #expect(engine.receive(stat(owner: 9), now: start) == .init(status: .ended))
    }

    @Test func `the end without a connection leaves what was taken over meanwhile alone`() {
        var engine = registered()
        _ = engine.disconnected()
        _ = engine.end(now: start)
        #expect(engine.connected(session: 7, now: start).request == look)
        #expect(engine.receive(stat(owner: 9), now: start) == .init())
        #expect(engine.isDone)
    }

    @Test func `a create whose reply was lost is taken back after the end`() {
        var engine = RegistrationEngine(path: Self.path, data: [1])
        _ = engine.connected(session: 7, now: start)
        _ = engine.disconnected()
        _ = engine.receive(.failure(.connectionLoss), now: start)
        #expect(engine.end(now: start) == .init(status: .ended))
        #expect(!engine.isDone)
        var other = engine
        #expect(engine.connected(session: 7, now: start).request == look)
        #expect(engine.receive(stat(owner: 7), now: start).request == delete)
        #expect(engine.receive(.success(.empty), now: start) == .init())
        #expect(engine.isDone)
        #expect(other.connected(session: 8, now: start) == .init())
        #expect(other.isDone)
    }

    @Test func `no input traps in any state`() {
        let replies: [Result<Response, ErrorCode>] = [
            created, isReplaced, stat(owner: 7), stat(owner: 9), stat(owner: 0), .success(.empty),
            .failure(.noNode), .failure(.nodeExists), .failure(.notEmpty),
            .failure(.connectionLoss),
            .success(.multi(MultiResponse(failedAt: 1, .nodeExists, count: 2))),
        ]
        var seen: Set<String> = []
        var engines = [RegistrationEngine(path: Self.path, data: [1])]
        for _ in 0..<4 {
            var next: [RegistrationEngine] = []
            for engine in engines.prefix(400) {
                var variants: [RegistrationEngine] = []
                for reply in replies {
                    var copy = engine
                    _ = copy.receive(reply, now: start)
                    variants.append(copy)
                }
                var copy = engine
                _ = copy.connected(session: 7, now: start)
                variants.append(copy)
                copy = engine
                _ = copy.disconnected()
                variants.append(copy)
                copy = engine
                _ = copy.receive(deleted, now: start)
                variants.append(copy)
                copy = engine
                _ = copy.retry(now: start + .seconds(100))
                variants.append(copy)
                copy = engine
                _ = copy.end(now: start)
                variants.append(copy)
                for variant in variants where seen.insert("\(variant)").inserted {
                    next.append(variant)
                }
            }
            engines = next
        }
        #expect(seen.count > 100)
    }
}
