import ServiceModel
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// What becomes of changes while the log has no room for them.
@Suite struct LogRoomTests {
    private let bench = ServerBench(durability: .external)
    private let id: ConnectionID

    init() {
        id = bench.connect().id
        bench.becomeDurable(upTo: 1)
        _ = bench.takeFrames(id)
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
}
