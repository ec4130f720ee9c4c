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
