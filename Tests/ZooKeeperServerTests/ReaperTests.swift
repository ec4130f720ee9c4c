import Runtime
import ServiceModel
import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct ReaperTests {
    private let bench = ServerBench()

    private func ttl(_ path: String, milliseconds: Int64) -> Request {
        let create = CreateRequest(path: path, data: nil, mode: .persistentTTL)
        return .createTTL(CreateTTLRequest(create: create, ttlMilliseconds: milliseconds))
    }

    /// Time passes as the engine asks for it, with a ping each second so that nobody expires.
    private func pass(_ duration: Duration, on id: ConnectionID, _ bench: ServerBench) {
        let end = bench.now + duration
        while let due = bench.nextDeadline, due < end {
            bench.now = due
            bench.wake(due: due)
            bench.request(.ping, xid: XID.ping, on: id)
        }
        bench.now = end
    }

    @Test func `what is due goes within a minute, with an event and a zxid`() {
        let id = bench.client()
        bench.request(ttl("/t", milliseconds: 100), on: id)
        bench.request(.exists(ExistsRequest(path: "/t", watch: true)), on: id)
        _ = bench.take(id)
        let before = bench.lastZxid
        pass(.seconds(59), on: id, bench)
        #expect(bench.lastZxid == before)
        pass(.seconds(2), on: id, bench)
        #expect(bench.lastZxid == before + 1)
        #expect(bench.take(id).map(\.text).contains("nodeDeleted /t"))
        #expect(bench.statistics.reaped == 1)
        #expect(bench.reaperDeadline == nil)
    }

    @Test func `the interval is as configured, and runs without any session`() throws {
        let bench = ServerBench(reaperInterval: .milliseconds(50))
        let id = bench.client()
        bench.request(ttl("/t", milliseconds: 10), on: id)
        bench.request(.closeSession, on: id)
        #expect(bench.nodeCount == 5)
        let due = try #require(bench.nextDeadline)
        bench.now = max(due, bench.now + .milliseconds(50))
        bench.wake(due: due)
        #expect(bench.nodeCount == 4)
    }

    @Test func `thousands that are due go in slices, 10,000 a minute at most`() {
        let id = bench.client()
        for number in 0..<2_000 { bench.request(ttl("/\(number)", milliseconds: 1), on: id) }
        pass(.seconds(60), on: id, bench)
        let first = bench.statistics.reaped
        #expect((0...Limits.reapsPerSliceMax).contains(first))
        pass(.seconds(6), on: id, bench)
        let slices = (bench.statistics.reaped - first) / Limits.reapsPerSliceMax
        #expect((9...11).contains(slices))
        pass(.seconds(7), on: id, bench)
        #expect(bench.statistics.reaped == 2_000)
        #expect(bench.nodeCount == 4)
    }
}
