import ServiceModel
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// What becomes of changes while the log has no room for them.
@Suite struct LogRoomTests {
    private let bench = ServerBench(durability: .external)
    private let id: ConnectionID
    private let session: ConnectResponse?

    init() {
        id = bench.connect().id
        bench.becomeDurable(upTo: 1)
        session = bench.takeFrames(id).first.flatMap(ServerBench.response)
    }

    @Test func `changes wait for the next segment, and nobody expires meanwhile`() {
        bench.engine.logged(upTo: 1, written: 0, limit: 0)
        let intake = bench.send(ServerBench.frame(bench.create("/a"), xid: 1), on: id)
        #expect(intake.next == .wait)
        let end = bench.now + .seconds(120)
        while bench.now < end {
            bench.now = bench.now + .milliseconds(500)
            bench.wake()
        }
        #expect(bench.engine.tree.sessionCount == 1)
        bench.engine.logged(upTo: 1, written: 0, limit: .max)
        bench.carryOut()
        bench.becomeDurable(upTo: 2)
        #expect(bench.take(id).map(\.xid) == [1])
    }

    @Test func `nobody expires whose answers wait for a disk that stalls`() {
        var intake = bench.send(
            (1...2_000).flatMap { ServerBench.frame(bench.create("/\($0)"), xid: Int32($0)) },
            on: id
        )
        while intake.next == .anotherTurn { intake = bench.send([], on: id) }
        #expect(bench.heldCount == Limits.heldAnswersMax)
        // A batch with nothing of its own becomes durable, then nothing more for long.
        bench.engine.logged(upTo: 1, written: 0, limit: .max)
        let end = bench.now + .seconds(120)
        while bench.now < end {
            bench.now = bench.now + .milliseconds(500)
            bench.wake()
        }
        #expect(bench.engine.tree.sessionCount == 1)
        bench.becomeDurable(upTo: .max)
        while bench.pendingBytes(id) > 0 { bench.send([], on: id) }
        #expect(bench.take(id).count == 2_000)
    }

    @Test func `without room on the disk changes are refused, reads go on`() {
        bench.engine.logged(upTo: 1, written: 0, limit: 0)
        bench.engine.roomChanged(hasNone: true)
        bench.request(bench.create("/a"), xid: 1, on: id)
        let read = GetDataRequest(path: "/zookeeper", watch: false)
        bench.request(.getData(read), xid: 2, on: id)
        #expect(bench.take(id).map(\.error) == [.notReadOnly, .ok])
        bench.engine.logged(upTo: 1, written: 0, limit: .max)
        bench.engine.roomChanged(hasNone: false)
        bench.request(bench.create("/a"), xid: 3, on: id)
        bench.becomeDurable(upTo: 2)
        #expect(bench.take(id).map(\.error) == [.ok])
    }

    @Test func `without room on the disk new clients read as long as there is some in the log`() {
        bench.engine.logged(upTo: 1, written: 0, limit: Limits.logRoomForSessions)
        bench.engine.roomChanged(hasNone: true)
        let new = bench.connect().id
        bench.becomeDurable(upTo: 2)
        let response = bench.takeFrames(new).first.flatMap(ServerBench.response)
        #expect(response?.isRefusal == false)
        bench.request(bench.create("/a"), xid: 1, on: new)
        let read = GetDataRequest(path: "/zookeeper", watch: false)
        bench.request(.getData(read), xid: 2, on: new)
        #expect(bench.take(new).map(\.error) == [.notReadOnly, .ok])
        // What is left then is for the ends of sessions.
        bench.engine.logged(upTo: 2, written: 0, limit: Limits.logRoomForSessions - 1)
        let late = bench.connect().id
        #expect(bench.reasons[late]?.kind == .sessions)
        bench.request(.closeSession, on: new)
        bench.becomeDurable(upTo: 3)
        #expect(bench.take(new).map(\.error) == [.ok])
        #expect(bench.sessionCount == 1)
    }

    @Test func `without room in the log a session goes on with the timeout that it has`() throws {
        bench.engine.logged(upTo: 1, written: 0, limit: Limits.logRoomForSessions - 1)
        bench.engine.roomChanged(hasNone: true)
        let session = try #require(session)
        let resumption = ConnectRequest(
            lastZxidSeen: 1,
            timeoutMilliseconds: 9_000,
            sessionID: session.sessionID,
            password: session.password
        )
        #expect(bench.connect(resumption).response?.timeoutMilliseconds == 4_000)
        #expect(bench.lastZxid == 1)
        bench.engine.logged(upTo: 1, written: 0, limit: .max)
        let again = bench.connect(resumption).id
        bench.becomeDurable(upTo: 2)
        let response = bench.takeFrames(again).first.flatMap(ServerBench.response)
        #expect(response?.timeoutMilliseconds == 9_000)
    }
}
