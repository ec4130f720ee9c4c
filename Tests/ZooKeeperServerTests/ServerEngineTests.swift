import Runtime
import ServiceModel
import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct ServerEngineTests {
    private let bench = ServerBench()

    private func getData(_ path: String, watch: Bool = false) -> Request {
        .getData(GetDataRequest(path: path, watch: watch))
    }
    private func setData(_ path: String) -> Request {
        .setData(SetDataRequest(path: path, data: [1], version: -1))
    }
    private func recursive(_ path: String) -> Request {
        .addWatch(AddWatchRequest(path: path, mode: .persistentRecursive))
    }

    // MARK: Replies

    // A13.10
    @Test func `1,000 pipelined requests are answered in order, pings too`() {
        let id = bench.client()
        var bytes: [UInt8] = []
        for xid in Int32(1)...1_000 {
            bytes += ServerBench.frame(xid % 10 == 0 ? .ping : bench.create("/\(xid)"), xid: xid)
        }
        var intake = bench.send(bytes, on: id)
        while intake.next == .anotherTurn { intake = bench.send([], on: id) }
        let xids = bench.take(id).map(\.xid)
        let expected = (Int32(1)...1_000).map { $0 % 10 == 0 ? XID.ping : $0 }
        #expect(xids == expected)
    }

    @Test func `a turn of one connection is bounded`() {
        let id = bench.client()
        let pings = (0..<40).flatMap { _ in ServerBench.frame(.ping) }
        #expect(bench.send(pings, on: id).next == .anotherTurn)
        #expect(bench.take(id).count == Limits.workPerSliceMin)
        bench.engine.workPerSlice = Limits.workPerSliceMax
        #expect(bench.send([], on: id).next == .moreBytes)
        #expect(bench.take(id).count == 40 - Limits.workPerSliceMin)
    }

    @Test func `long requests, answers and events count for more`() throws {
        let (id, watcher) = (bench.client(), bench.client())
        let long = "/" + String(repeating: "p", count: Limits.bytesPerWorkUnit * 4)
        let made = bench.request(bench.create(long), on: id).work
        #expect((9...20).contains(made), "request and answer: \(made)")
        bench.request(recursive("/"), on: watcher)
        let change = bench.request(setData(long), on: id).work
        #expect((9...20).contains(change), "request and event: \(change)")
        #expect(bench.request(.ping, on: id).work == 1)
    }

    @Test func `a multi counts as its operations`() {
        let id = bench.client()
        let check = MultiRequest.Operation.check(CheckVersionRequest(path: "/", version: -1))
        let multi = Request.multi(MultiRequest(Array(repeating: check, count: 100)))
        let work = bench.request(multi, on: id).work
        #expect((101...120).contains(work), "\(work)")
    }

    @Test(arguments: [Int32(0), -7, .min, .max])
    func `any xid is echoed`(xid: Int32) {
        let id = bench.client()
        bench.request(getData("/"), xid: xid, on: id)
        #expect(bench.take(id).map(\.xid) == [xid])
    }

    @Test func `writes show their zxid, failures are bare headers`() {
        let id = bench.client()
        let before = bench.lastZxid
        let made = bench.ask(bench.create("/a"), on: id)
        #expect(made?.zxid == before + 1)
        #expect(made?.response(.create) == .path("/a"))
        let failed = bench.ask(bench.create("/a"), on: id)
        #expect(failed?.error == .nodeExists)
        #expect(failed?.body.isEmpty == true)
        #expect(bench.ask(.ping, on: id)?.zxid == before + 1)
    }

    @Test(arguments: [Int32(-10), 20, 0, -1, 10, 999, .max])
    func `an unknown operation is answered and the connection closed`(type: Int32) {
        let id = bench.client()
        let header = [0, 0, 0, 9].map(UInt8.init) + Self.bytes(type)
        bench.send([0, 0, 0, 8] + header, on: id)
        let replies = bench.take(id)
        #expect(replies.map(\.error) == [.unimplemented])
        #expect(replies.map(\.zxid) == [-1])
        #expect(bench.reasons[id]?.text == "operation \(type) is none for clients")
        #expect(bench.ended == [id])
        #expect(bench.facts.map(\.kind) == [.connectionLost])
        #expect(bench.sessionCount == 1)
    }

    @Test func `a body that cannot be read is answered and the connection stays`() {
        let id = bench.client()
        bench.send([0, 0, 0, 12] + Self.bytes(3) + Self.bytes(4) + Self.bytes(99), on: id)
        #expect(bench.take(id).map(\.error) == [.marshallingError])
        #expect(bench.ask(.ping, on: id)?.error == .ok)
    }

    @Test(arguments: [[0, 0, 0, 0], [0, 0, 0, 4, 1, 2, 3, 4], [0, 0x10, 0, 0], [0xff, 0, 0, 0]])
    func `a frame that is none ends the connection, not the session`(bytes: [UInt8]) {
        let id = bench.client()
        bench.send(bytes, on: id)
        #expect(bench.ended == [id])
        #expect(bench.sessionCount == 1)
    }

    // A1.16
    @Test func `1,047,000 bytes of data work, 1 MiB ends the connection`() {
        let id = bench.client()
        let big = [UInt8](repeating: 7, count: 1_047_000)
        #expect(
            bench.ask(.create(CreateRequest(path: "/b", data: big, mode: .persistent)), on: id)?
                .error == .ok
        )
        let neighbour = bench.client()
        let more = [UInt8](repeating: 7, count: 1 << 20)
        bench.request(.create(CreateRequest(path: "/c", data: more, mode: .persistent)), on: id)
        #expect(bench.ended == [id])
        #expect(bench.ask(getData("/b"), on: neighbour)?.body.count == 1_047_000 + 4 + 68)
    }

    @Test func `closing answers, closes, and tells why the ephemerals went`() {
        let (id, watcher) = (bench.client(), bench.client())
        bench.request(bench.create("/e", .ephemeral), on: id)
        bench.request(recursive("/"), on: watcher)
        _ = bench.take(watcher)
        bench.send(ServerBench.frame(.closeSession) + ServerBench.frame(.ping), on: id)
        #expect(bench.take(id).map(\.error) == [.ok, .ok])
        #expect(bench.ended == [id])
        #expect(bench.take(watcher).map(\.text) == ["nodeDeleted /e"])
        let zxid = bench.lastZxid
        #expect(bench.facts == [SessionFact(session: 0x100, kind: .closed, zxid: zxid)])
        let (report, event) = (
            bench.log.firstIndex { if case .report = $0 { true } else { false } },
            bench.log.lastIndex { if case .send(watcher, _) = $0 { true } else { false } }
        )
        #expect((report ?? .max) < (event ?? .min))
    }

    @Test func `who is handed in passes access checks, others are known by their address`() {
        let id = bench.client()
        let closed = CreateRequest(
            path: "/c",
            data: [],
            acl: [ACL(.all, scheme: "ip", id: "10.0.0.1")],
            mode: .persistent
        )
        bench.request(.create(closed), on: id)
        _ = bench.take(id)
        #expect(bench.ask(getData("/c"), on: id)?.error == .noAuth)
        let inside = bench.open(from: nil) ?? id
        bench.send(ServerBench.frame(ConnectRequest(timeoutMilliseconds: 4_000)), on: inside)
        #expect(bench.ask(getData("/c"), on: inside)?.error == .ok)
        let response = bench.ask(.whoAmI, on: id)?.response(.whoAmI)
        #expect(response == .identities([ClientIdentity(scheme: "ip", user: "127.0.0.1")]))
    }

    // MARK: Events

    // A2.6
    @Test func `an event comes before the reply to the write that caused it`() {
        let id = bench.client()
        bench.request(recursive("/"), xid: 1, on: id)
        bench.request(bench.create("/a"), xid: 2, on: id)
        bench.send(
            ServerBench.frame(setData("/a"), xid: 3) + ServerBench.frame(getData("/a"), xid: 4),
            on: id
        )
        #expect(
            bench.take(id).map(\.text) == [
                "reply 1", "nodeCreated /a", "reply 2", "nodeDataChanged /a", "reply 3", "reply 4",
            ]
        )
    }

    @Test func `events of setWatches come before its reply`() {
        let id = bench.client()
        bench.request(bench.create("/a"), on: id)
        _ = bench.take(id)
        let request = SetWatchesRequest(
            relativeZxid: 0,
            dataWatches: ["/a"],
            existWatches: [],
            childWatches: []
        )
        bench.request(.setWatches(request), on: id)
        #expect(bench.take(id).map(\.text) == ["nodeDataChanged /a", "reply -8"])
    }

    @Test func `watches go with the connection`() {
        let (id, writer) = (bench.client(), bench.client())
        bench.request(recursive("/"), on: id)
        bench.hangUp(id)
        bench.request(bench.create("/a"), on: writer)
        #expect(bench.watchCount == 0)
        #expect(bench.facts.map(\.kind) == [.connectionLost])
    }

    // MARK: Expiry

    // A1.8, A1.9
    @Test func `silence expires a session at its deadline and not before`() {
        let (id, watcher) = (bench.client(), bench.client())
        bench.request(bench.create("/e", .ephemeral), on: id)
        bench.request(recursive("/e"), on: watcher)
        _ = bench.take(watcher)
        bench.now = bench.now + .milliseconds(3_000)
        bench.request(.ping, on: watcher)
        _ = bench.take(watcher)
        bench.now = bench.now + .milliseconds(999)
        bench.wake()
        #expect(bench.facts.isEmpty)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.facts.map(\.kind) == [.expired])
        #expect(bench.take(watcher).map(\.text) == ["nodeDeleted /e"])
        #expect(bench.ended == [id])
        #expect(bench.takeBytes(id).count == 0 || !bench.ended.isEmpty)
        #expect(bench.sessionCount == 1)
    }

    @Test func `a request counts as a sign of life also when nonsense follows it`() {
        let id = bench.client()
        bench.now = bench.now + .milliseconds(3_000)
        bench.send(ServerBench.frame(.ping) + [0, 0, 0, 0], on: id)
        #expect(bench.ended == [id])
        bench.now = bench.now + .milliseconds(3_999)
        bench.wake()
        #expect(bench.sessionCount == 1)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.sessionCount == 0)
    }

    @Test func `a lost connection leaves the session until its timeout`() {
        let (id, response) = bench.connect()
        bench.request(bench.create("/e", .ephemeral), on: id)
        bench.hangUp(id)
        bench.now = bench.now + .milliseconds(3_999)
        bench.wake()
        var request = ConnectRequest(timeoutMilliseconds: 4_000)
        request.sessionID = response?.sessionID ?? 0
        request.password = response?.password ?? []
        let (again, resumed) = bench.connect(request)
        #expect(resumed?.sessionID == response?.sessionID)
        bench.now = bench.now + .milliseconds(3_999)
        bench.wake()
        #expect(bench.ask(getData("/e"), on: again)?.error == .ok)
        #expect(bench.facts.map(\.kind) == [.connectionLost, .connectionBack])
    }

    @Test func `a stall of the process is added to the deadlines`() throws {
        let (id, silent) = (bench.client(), bench.client())
        let due = try #require(bench.nextDeadline)
        // The process stood still for a minute past its own timer.
        bench.now = due + .seconds(60)
        bench.wake(due: due)
        #expect(bench.facts.isEmpty)
        // Clients that are heard of within the grace live on; the others have what was left to them.
        let next = try #require(bench.nextDeadline)
        #expect(next > bench.now)
        bench.now = bench.now + .milliseconds(1_000)
        bench.request(.ping, on: id)
        bench.now = bench.now + .milliseconds(2_999)
        bench.wake()
        #expect(bench.facts.isEmpty)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.ended == [silent])
        bench.now = bench.now + .milliseconds(999)
        bench.wake()
        #expect(bench.facts.count == 1)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.facts.map(\.kind) == [.expired, .expired])
    }

    @Test func `the engine asks to be woken at the deadline, and more often to see stalls`() throws
    {
        #expect(bench.nextDeadline == nil)
        let id = bench.client()
        let start = bench.now
        var wakes = 0
        while bench.facts.isEmpty, wakes < 100 {
            bench.now = try #require(bench.nextDeadline)
            bench.wake()
            wakes += 1
        }
        #expect(bench.now - start == .seconds(4))
        #expect(wakes <= 10)
        #expect(bench.ended == [id])
    }

    @Test func `sessions of many deadlines come up together, never early and within 40 ms`() throws
    {
        for _ in 0..<100 {
            _ = bench.client()
            bench.now = bench.now + .milliseconds(1)
        }
        let first = bench.now - .milliseconds(100)
        var wakes = 0
        while bench.facts.count < 100, wakes < 100 {
            bench.now = try #require(bench.nextDeadline)
            bench.wake()
            wakes += 1
            // The session of the n-th millisecond expires 4 s later.
            let due = (bench.now - first - .milliseconds(4_000)).milliseconds
            #expect(bench.facts.count <= max(0, due + 1))
            #expect(bench.facts.count >= due + 1 - Limits.expiryGrid.milliseconds)
        }
        #expect(bench.facts.count == 100)
        // Three or four points of the grid, and the heartbeats before.
        #expect(wakes <= 10)
    }

    @Test func `thousands of sessions expire over several turns`() {
        let clients = (0..<1_000).map { _ in bench.client() }
        bench.now = bench.now + .milliseconds(4_000)
        var turns = 0
        while bench.connectionCount > 0, turns < 100 {
            bench.wake()
            turns += 1
        }
        #expect(turns == (1_000 + Limits.expiriesPerTurnMax - 1) / Limits.expiriesPerTurnMax)
        #expect(bench.ended == Set(clients))
    }

    @Test func `a mass expiry of many slow turns is no stall`() throws {
        for _ in 0..<1_000 { _ = bench.client() }
        bench.now = bench.now + .milliseconds(4_000)
        var (due, turns) = (bench.now, 0)
        while bench.connectionCount > 0, turns < 100 {
            bench.wake(due: due)
            turns += 1
            due = bench.nextDeadline ?? bench.now
            bench.now = bench.now + .milliseconds(20)
        }
        #expect(turns == (1_000 + Limits.expiriesPerTurnMax - 1) / Limits.expiriesPerTurnMax)
        #expect(bench.stalls == 0)
    }

    @Test func `who is heard right after a stall gets a full timeout, and no more`() throws {
        let id = bench.client()
        let due = try #require(bench.nextDeadline)
        bench.now = due + .seconds(60)
        // The turn's bytes come before its timer.
        bench.begin(due: due)
        bench.request(.ping, on: id)
        bench.wake(due: due)
        bench.now = bench.now + .milliseconds(3_999)
        bench.wake()
        #expect(bench.facts.isEmpty)
        bench.now = bench.now + .milliseconds(1)
        bench.wake()
        #expect(bench.facts.map(\.kind) == [.expired])
        #expect(bench.stalls == 1)
    }

    // MARK: Slow readers

    @Test func `requests of a reader that does not read wait until it does`() {
        let id = bench.client()
        let data = [UInt8](repeating: 1, count: 100_000)
        bench.request(.create(CreateRequest(path: "/b", data: data, mode: .persistent)), on: id)
        _ = bench.take(id)
        bench.deaf.insert(id)
        for xid in Int32(1)...6 { bench.request(getData("/b"), xid: xid, on: id) }
        #expect(bench.take(id).count == 3)
        #expect(bench.pendingBytes(id) > 0)
        #expect(bench.notes.map(\.id) == [id])
        #expect(bench.notes.first?.reason.kind == .heldBack)
        bench.drain(id)
        for _ in 0..<3 { bench.send([], on: id) }
        #expect(bench.take(id).map(\.xid) == [4, 5, 6])
        #expect(bench.pendingBytes(id) == 0)
    }

    @Test func `a slow reader is not expired while it reads, though its pings wait`() {
        let id = bench.client()
        let data = [UInt8](repeating: 1, count: 500_000)
        bench.request(.create(CreateRequest(path: "/b", data: data, mode: .persistent)), on: id)
        bench.deaf.insert(id)
        for xid in Int32(1)...6 { bench.request(getData("/b"), xid: xid, on: id) }
        for unsent in [1_200_000, 900_000, 600_000] {
            bench.now = bench.now + .milliseconds(3_000)
            bench.begin(due: nil)
            bench.engine.written(id, unsent: unsent)
            bench.wake()
        }
        #expect(bench.facts.isEmpty)
        bench.now = bench.now + .milliseconds(4_000)
        bench.wake()
        #expect(bench.facts.map(\.kind) == [.expired])
    }

    @Test func `a reader that lets events pile up is closed`() {
        bench.engine.settings.unsentEventBytesMax = 100_000
        let (id, writer) = (bench.client(), bench.client())
        bench.request(recursive("/"), on: id)
        bench.deaf.insert(id)
        let name = "/" + String(repeating: "n", count: 1_000)
        var sent = 0
        while !bench.ended.contains(id), sent < 200 {
            bench.request(
                sent % 2 == 0
                    ? bench.create(name)
                    : .delete(
                        DeleteRequest(path: name, version: -1)
                    ),
                on: writer
            )
            sent += 1
            _ = bench.takeBytes(writer)
            _ = bench.takeBytes(id)
        }
        #expect(bench.ended == [id])
        #expect(sent > 90)
        #expect(bench.watchCount == 0)
        #expect(bench.unsentTotal == 0)
    }

    // MARK: Durability

    @Test func `nothing leaves before its zxid is durable`() {
        let bench = ServerBench(durability: .external)
        let id = bench.open() ?? ConnectionID(0)
        bench.send(ServerBench.frame(ConnectRequest(timeoutMilliseconds: 4_000)), on: id)
        #expect(bench.takeBytes(id).isEmpty)
        bench.becomeDurable(upTo: 1)
        #expect(bench.takeFrames(id).count == 1)

        bench.request(recursive("/"), xid: 1, on: id)
        bench.request(bench.create("/a"), xid: 2, on: id)
        bench.request(getData("/zookeeper"), xid: 3, on: id)
        bench.request(bench.create("/b"), xid: 4, on: id)
        bench.request(.ping, on: id)
        #expect(bench.take(id).map(\.text) == ["reply 1"])
        bench.becomeDurable(upTo: 2)
        let first = bench.take(id)
        #expect(first.map(\.text) == ["nodeCreated /a", "reply 2", "reply 3"])
        #expect(first.allSatisfy { $0.zxid <= 2 })
        bench.now = bench.now + .milliseconds(30)
        bench.wake()
        bench.becomeDurable(upTo: 3)
        #expect(bench.latencyMax == 30)
        let second = bench.take(id)
        #expect(second.map(\.text) == ["nodeCreated /b", "reply 4", "reply -2"])
        #expect(second.allSatisfy { $0.zxid <= 3 })
    }

    @Test func `a read of another node does not wait, one of the changed node does`() {
        let bench = ServerBench(durability: .external)
        let ids = (0..<2).map { _ in bench.connect().id }
        bench.becomeDurable(upTo: 2)
        for id in ids { _ = bench.takeFrames(id) }
        bench.request(bench.create("/a"), on: ids[0])
        bench.request(getData("/zookeeper"), xid: 1, on: ids[1])
        #expect(bench.take(ids[1]).map(\.zxid) == [2])
        bench.request(getData("/a"), xid: 2, on: ids[1])
        bench.request(getData("/zookeeper"), xid: 3, on: ids[1])
        #expect(bench.take(ids[1]).isEmpty)
        bench.becomeDurable(upTo: 3)
        #expect(bench.take(ids[1]).map(\.xid) == [2, 3])
    }

    @Test func `no header says less than one before it`() {
        let bench = ServerBench(durability: .external)
        let id = bench.connect().id
        bench.becomeDurable(upTo: 1)
        _ = bench.takeFrames(id)
        bench.request(bench.create("/a"), xid: 1, on: id)
        bench.request(getData("/zookeeper"), xid: 2, on: id)
        bench.request(.ping, on: id)
        bench.becomeDurable(upTo: 2)
        #expect(bench.take(id).map(\.zxid) == [2, 2, 2])
    }

    @Test func `nobody is told of another timeout before that is durable`() {
        let bench = ServerBench(durability: .external)
        let first = bench.connect().id
        bench.becomeDurable(upTo: 1)
        let response = bench.takeFrames(first).first.flatMap(ServerBench.response)
        let resumption = ConnectRequest(
            lastZxidSeen: 1,
            timeoutMilliseconds: 9_000,
            sessionID: response?.sessionID ?? 0,
            password: response?.password ?? []
        )
        #expect(bench.connect(resumption).response == nil)
        #expect(bench.lastZxid == 2)
        // It is no change for the next one, and not durable all the same.
        let (last, early) = bench.connect(resumption)
        #expect(early == nil)
        #expect(bench.lastZxid == 2)
        bench.becomeDurable(upTo: 2)
        let resumed = bench.takeFrames(last).first.flatMap(ServerBench.response)
        #expect(resumed?.timeoutMilliseconds == 9_000)
        #expect(bench.connect(resumption).response?.timeoutMilliseconds == 9_000)
    }

    @Test func `nobody is told that a session ended before that is durable`() {
        let bench = ServerBench(durability: .external)
        let (first, second) = (bench.connect().id, bench.open() ?? ConnectionID(0))
        bench.becomeDurable(upTo: 1)
        let response = bench.takeFrames(first).first.flatMap(ServerBench.response)
        bench.request(.closeSession, on: first)
        let resumption = ConnectRequest(
            lastZxidSeen: 1,
            timeoutMilliseconds: 4_000,
            sessionID: response?.sessionID ?? 0,
            password: response?.password ?? []
        )
        bench.send(ServerBench.frame(resumption), on: second)
        #expect(bench.takeBytes(second).isEmpty)
        #expect(bench.ended.isEmpty)
        bench.becomeDurable(upTo: 2)
        let refusal = bench.takeFrames(second).first.flatMap(ServerBench.response)
        #expect(refusal?.isRefusal == true)
        #expect(bench.ended == [first, second])
    }

    @Test func `answers that wait are bounded`() {
        let bench = ServerBench(durability: .external)
        let id = bench.connect().id
        bench.becomeDurable(upTo: 1)
        _ = bench.takeFrames(id)
        var intake = bench.send(
            (1...2_000).flatMap { ServerBench.frame(bench.create("/\($0)"), xid: Int32($0)) },
            on: id
        )
        while intake.next == .anotherTurn { intake = bench.send([], on: id) }
        #expect(intake.next == .wait)
        #expect(bench.heldCount == Limits.heldAnswersMax)
        bench.becomeDurable(upTo: .max)
        while bench.pendingBytes(id) > 0 { bench.send([], on: id) }
        #expect(bench.take(id).map(\.xid) == Array(Int32(1)...2_000))
    }

    // MARK: Abuse

    @Test func `random and mutated frames never trap`() {
        var random = Seed.generator(3)
        let good: [[UInt8]] = [
            ServerBench.frame(bench.create("/a/b", .ephemeralSequential)),
            ServerBench.frame(getData("/a", watch: true)), ServerBench.frame(recursive("/")),
            ServerBench.frame(setData("/a")), ServerBench.frame(.ping),
            ServerBench.frame(
                .multi(
                    MultiRequest([
                        .check(CheckVersionRequest(path: "/a", version: 0)),
                        .delete(DeleteRequest(path: "/a", version: -1)),
                    ])
                )
            ),
            ServerBench.frame(
                .setWatches(
                    SetWatchesRequest(
                        relativeZxid: 0,
                        dataWatches: ["/a"],
                        existWatches: ["/b"],
                        childWatches: ["/"]
                    )
                )
            ),
        ]
        for round in 0..<5_000 {
            let id = round % 3 == 0 ? bench.open() ?? ConnectionID(0) : bench.client()
            var bytes = good.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            if round % 5 == 0 {
                bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            bench.send(bytes, on: id)
            bench.hangUp(id)
            _ = bench.takeBytes(id)
        }
        #if DEBUG
        bench.engine.tree.checkInvariants()
        #endif
        let id = bench.client()
        #expect(bench.ask(.ping, on: id)?.error == .ok)
        #expect(bench.connectionCount == 1)
    }

    private static func bytes(_ number: Int32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * Int32($0))) }
    }
}
