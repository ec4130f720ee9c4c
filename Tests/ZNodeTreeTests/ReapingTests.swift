import ServiceModel
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct ReapingTests {
    private let bench = TreeBench()

    private func ttl(_ path: String, _ milliseconds: Int64) {
        let create = CreateRequest(path: path, data: nil, mode: .persistentTTL)
        bench.apply(.createTTL(CreateTTLRequest(create: create, ttlMilliseconds: milliseconds)))
    }

    private func container(_ path: String) {
        bench.apply(.createContainer(CreateRequest(path: path, data: nil, mode: .container)))
    }

    /// What goes when all that is due is taken, so long after the bench's own time.
    private func reap(after milliseconds: Int64 = 0) -> [String] {
        var gone: [String] = []
        let now = UnixTime(milliseconds: bench.time.milliseconds + milliseconds)
        bench.apply(.addWatch(AddWatchRequest(path: "/", mode: .persistentRecursive)))
        while let outcome = bench.reapNext(at: now) {
            gone += outcome.hits.map(\.event.path)
            #expect(outcome.isChange)
        }
        return gone
    }

    @Test func `a container goes when its last child has gone, not before the first came`() {
        container("/c")
        #expect(reap(after: 1 << 40) == [])
        bench.create("/c/a")
        bench.create("/c/b")
        bench.delete("/c/a")
        #expect(reap() == [])
        bench.delete("/c/b")
        #expect(bench.tree.reapableCount == 1)
        bench.create("/c/again")
        #expect(reap() == [])
        bench.delete("/c/again")
        let before = bench.tree.lastZxid
        #expect(reap() == ["/c"])
        #expect(bench.tree.lastZxid == before + 1)
        #expect(bench.tree.reapableCount == 0)
    }

    @Test func `a container whose only child was never made stays`() {
        container("/c")
        let create = CreateRequest(path: "/c/a", data: nil, mode: .persistent)
        let missing = DeleteRequest(path: "/none", version: -1)
        bench.apply(.multi(MultiRequest([.create(create), .delete(missing)])))
        #expect(bench.tree.reapableCount == 0)
        bench.create("/c/a")
        bench.delete("/c/a")
        bench.apply(.multi(MultiRequest([.create(create), .delete(missing)])))
        #expect(bench.tree.reapableCount == 1)
    }

    @Test func `a container of ephemerals goes after the session's end`() {
        container("/c")
        container("/c/d")
        bench.create("/c/d/e", .ephemeral, by: bench.other)
        bench.apply(.closeSession, by: bench.other)
        #expect(reap() == ["/c/d", "/c"])
    }

    @Test func `a TTL node goes when it was left alone for longer than its time`() {
        ttl("/t", 1_000)
        #expect(reap(after: 1_000) == [])
        #expect(reap(after: 1_001) == ["/t"])
    }

    @Test func `a change of data gives a TTL node its whole time again, a child keeps it`() {
        ttl("/t", 1_000)
        let later = UnixTime(milliseconds: bench.time.milliseconds + 900)
        let set = SetDataRequest(path: "/t", data: [1], version: -1)
        bench.apply(.setData(set), at: later)
        #expect(reap(after: 1_900) == [])
        bench.create("/t/child")
        #expect(reap(after: 5_000) == [])
        bench.delete("/t/child")
        #expect(reap(after: 1_901) == ["/t"])
    }

    @Test func `those that are due go in the order of their time`() {
        for (path, time) in [("/a", 300), ("/b", 100), ("/c", 200), ("/d", 400)] {
            ttl(path, Int64(time))
        }
        #expect(reap(after: 301) == ["/b", "/c", "/a"])
        #expect(bench.tree.reapableCount == 1)
    }

    @Test func `a deleted TTL node waits no longer, a failed multi changes no times`() {
        ttl("/t", 100)
        let set = SetDataRequest(path: "/t", data: [1], version: -1)
        let delete = DeleteRequest(path: "/t", version: -1)
        let missing = DeleteRequest(path: "/none", version: -1)
        let later = UnixTime(milliseconds: bench.time.milliseconds + 50)
        bench.apply(
            .multi(MultiRequest([.setData(set), .delete(delete), .delete(missing)])),
            at: later
        )
        #expect(reap(after: 101) == ["/t"])
        ttl("/t", 100)
        bench.delete("/t")
        #expect(bench.tree.reapableCount == 0)
    }

    @Test func `a thousand random changes leave the queue right`() {
        var random = Seed.generator(5)
        for _ in 0..<1_000 {
            let name = "/" + String(Int.random(in: 0..<8, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: ttl(name, Int64.random(in: 1...50, using: &random))
            case 1: container(name)
            case 2: bench.create(name + "/x")
            case 3: bench.delete(name + "/x")
            case 4: bench.set(name)
            default: _ = bench.reapNext(at: UnixTime(milliseconds: bench.time.milliseconds + 20))
            }
        }
        #expect(bench.tree.lastZxid > 200)
    }
}
