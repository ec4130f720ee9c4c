import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

/// Trees of many levels: what is counted, who is told, and what it is said to cost.
@Suite struct DeepTreeTests {
    private let bench = TreeBench()

    private func path(_ level: Int) -> String { String(repeating: "/d", count: level) }

    private func count(below path: String) -> Response? {
        bench.apply(.getAllChildrenNumber(GetAllChildrenNumberRequest(path: path))).response
    }

    @Test func `descendants are counted on both sides of the last weighed level`() {
        let last = Limits.weighedLevelsMax + 6
        for level in 1...last { bench.create(path(level), data: [1, 2]) }
        bench.create(path(last - 1) + "/sibling")
        for level in [1, last - 7, last - 6, last - 5, last - 4, last - 1, last] {
            let below = last - level + (level < last ? 1 : 0)
            #expect(count(below: path(level)) == .number(Int32(below)), "level \(level)")
        }
        let refused = MultiRequest([
            .delete(DeleteRequest(path: path(last), version: -1)),
            .delete(DeleteRequest(path: "/none", version: -1)),
        ])
        bench.apply(.multi(refused))
        #expect(count(below: path(last - 2)) == .number(3))
        bench.delete(path(last))
        #expect(count(below: path(last - 2)) == .number(2))
        #expect(count(below: "/d") == .number(Int32(last - 1)))
    }

    @Test func `statistics of a quota far down begin with what is there`() {
        let last = Limits.weighedLevelsMax + 3
        for level in 1...last { bench.create(path(level), data: [1, 2, 3]) }
        let quota = "/zookeeper/quota"
        for level in 1..<last { bench.create(quota + path(level)) }
        bench.create(quota + path(last - 1) + "/zookeeper_limits", data: Array("count=9".utf8))
        let statistics = quota + path(last - 1) + "/zookeeper_stats"
        bench.create(statistics)
        guard case .data(let answer) = bench.get(statistics).response else {
            Issue.record("no statistics")
            return
        }
        #expect(answer.data == Array("count=2,bytes=6".utf8))
    }

    @Test func `recursive watches above a change are found whatever their lengths`() {
        for level in 1...20 { bench.create(path(level)) }
        bench.create("/e")
        bench.create("/e/d")
        for level in [1, 3, 4, 5, 8, 13, 20, 21] {
            let watch = AddWatchRequest(path: path(level), mode: .persistentRecursive)
            bench.apply(.addWatch(watch), by: level % 2 == 0 ? bench.client : bench.other)
        }
        let both = [bench.client.connection, bench.other.connection]
        #expect(bench.create(path(20) + "/x").hits.map(\.connections) == [both])
        #expect(bench.set(path(3)).hits.map(\.connections) == [[bench.other.connection]])
        #expect(bench.set("/e/d").hits.isEmpty)
        bench.apply(.removeWatches(WatcherRequest(path: path(4), type: .any)))
        #expect(bench.set(path(7)).hits.map(\.connections) == [[bench.other.connection]])
    }

    @Test(arguments: [1, 7, 8, 9, 16, 100])
    func `a path above has the hash that it has by itself`(length: Int) {
        let path = String(repeating: "/abc\u{e9}", count: 40)
        var hash = PathHash()
        _ = hash.advance(to: 1, of: path)
        let start = String(decoding: path.utf8.prefix(length * 6), as: UTF8.self)
        let value = hash.advance(to: start.utf8.count, of: path)
        #expect(PathKey(start, hash: value) == PathKey(start))
        #expect(value != hash.advance(to: path.utf8.count, of: path) || start == path)
    }

    @Test func `what takes long is told as effort`() {
        let last = Limits.weighedLevelsMax + 1
        for level in 1...last { bench.create(path(level)) }
        var effort = bench.tree.effort
        for child in 0..<Limits.nodesWeighedPerStep { bench.create(path(last) + "/\(child)") }
        #expect(bench.tree.effort == effort)
        _ = count(below: path(last - 1))
        #expect(bench.tree.effort == effort)
        _ = count(below: path(last))
        #expect(bench.tree.effort == effort + 1)
        effort = bench.tree.effort
        let check = MultiRequest.Operation.check(CheckVersionRequest(path: "/d", version: -1))
        bench.apply(.multi(MultiRequest(Array(repeating: check, count: 7))))
        #expect(bench.tree.effort == effort + 7)
    }
}
