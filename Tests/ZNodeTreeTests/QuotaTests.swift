import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct QuotaTests {
    private let bench = TreeBench()

    private func limit(_ path: String, _ limits: String, on bench: TreeBench? = nil) {
        let bench = bench ?? self.bench
        var above = "/zookeeper/quota"
        for name in path.split(separator: "/") {
            above += "/" + name
            bench.create(above)
        }
        bench.create(above + "/zookeeper_limits", data: Array(limits.utf8))
        bench.create(above + "/zookeeper_stats", data: Array("count=0,bytes=0".utf8))
    }

    private func text(_ path: String, on bench: TreeBench? = nil) -> String? {
        guard case .data(let response)? = (bench ?? self.bench).get(path).response else {
            return nil
        }
        return response.data.map { String(decoding: $0, as: UTF8.self) }
    }

    private func usage(_ path: String, on bench: TreeBench? = nil) -> String? {
        text("/zookeeper/quota" + path + "/zookeeper_stats", on: bench)
    }

    // MARK: Counting

    @Test func `new statistics show what is there, and follow every change`() {
        bench.create("/a", data: [1, 2])
        bench.create("/a/b", data: [1, 2, 3])
        limit("/a", "count=9,bytes=-1")
        #expect(usage("/a") == "count=2,bytes=5")
        bench.create("/a/c", data: nil)
        bench.create("/ab", data: [1])
        bench.set("/a/b", [1])
        #expect(usage("/a") == "count=3,bytes=3")
        bench.delete("/a/b")
        bench.delete("/a/c")
        #expect(usage("/a") == "count=1,bytes=2")
        bench.delete("/a")
        #expect(usage("/a") == "count=0,bytes=0")
        bench.create("/a", data: [9])
        #expect(usage("/a") == "count=1,bytes=1")
    }

    @Test func `statistics change without a version, a zxid or an event`() throws {
        limit("/a", "count=9,bytes=-1")
        let path = "/zookeeper/quota/a/zookeeper_stats"
        let before = try #require(bench.stat(path))
        bench.get(path, watch: true)
        let outcome = bench.create("/a", data: [1])
        #expect(outcome.hits.isEmpty)
        let after = try #require(bench.stat(path))
        #expect(after == before)
        #expect(bench.get(path).dependsOn == outcome.zxid)
        for number in 0..<10 { bench.create("/a/\(number)") }
        #expect(bench.stat(path)?.dataLength == before.dataLength + 1)
    }

    @Test func `a session's end is counted, and so is a multi, but not one that failed`() {
        limit("/a", "count=9,bytes=-1")
        bench.create("/a")
        let part = MultiRequest.Operation.create(
            CreateRequest(path: "/a/m", data: [1, 2], mode: .ephemeral)
        )
        let missing = MultiRequest.Operation.delete(DeleteRequest(path: "/none", version: -1))
        bench.apply(.multi(MultiRequest([part, missing])))
        #expect(usage("/a") == "count=1,bytes=0")
        bench.apply(.multi(MultiRequest([part])))
        #expect(usage("/a") == "count=2,bytes=2")
        bench.apply(.closeSession)
        #expect(usage("/a") == "count=1,bytes=0")
    }

    @Test func `a failed multi leaves the nodes of a quota as they were`() {
        limit("/a", "count=9,bytes=-1")
        bench.create("/a")
        let stats = "/zookeeper/quota/a/zookeeper_stats"
        bench.set(stats, Array("count=5".utf8))
        func create(_ path: String) -> MultiRequest.Operation {
            .create(CreateRequest(path: path, data: [1], mode: .persistent))
        }
        func delete(_ path: String) -> MultiRequest.Operation {
            .delete(DeleteRequest(path: path, version: -1))
        }
        let outcome = bench.apply(
            .multi(
                MultiRequest([
                    create("/a/b"), delete("/zookeeper/quota/a/zookeeper_limits"), create("/a/c"),
                    delete(stats), create(stats), create("/a/d"),
                    create("/zookeeper/quota/a/zookeeper_limits"), create("/a/e"), delete("/none"),
                ])
            )
        )
        #expect(outcome.results?.last == .error(.noNode))
        #expect(text(stats) == "count=5")
        bench.create("/a/x", data: [1])
        #expect(text(stats) == "count=6,bytes=0")
    }

    @Test func `the nearest quota counts, and only it`() {
        limit("/a", "count=9,bytes=-1")
        limit("/a/b", "count=9,bytes=-1")
        for path in ["/a", "/a/b", "/a/b/c", "/a/d"] { bench.create(path) }
        #expect(usage("/a") == "count=2,bytes=0")
        #expect(usage("/a/b") == "count=2,bytes=0")
        bench.delete("/zookeeper/quota/a/b/zookeeper_limits")
        bench.create("/a/b/e")
        #expect(usage("/a") == "count=3,bytes=0")
        #expect(usage("/a/b") == "count=2,bytes=0")
    }

    @Test func `limits alone count nothing, statistics alone are not kept`() {
        bench.create("/zookeeper/quota/a")
        bench.create("/a")
        bench.create("/zookeeper/quota/a/zookeeper_stats")
        #expect(usage("/a") == "count=1,bytes=0")
        bench.create("/a/b")
        #expect(usage("/a") == "count=1,bytes=0")
        bench.create("/zookeeper/quota/a/zookeeper_limits")
        bench.create("/a/c")
        #expect(usage("/a") == "count=2,bytes=0")
        bench.delete("/zookeeper/quota/a/zookeeper_stats")
        bench.create("/a/d")
        #expect(usage("/a") == nil)
    }

    @Test func `names count only below the quota node, and the root has totals only`() {
        for path in ["/zookeeper/quotas", "/zookeeper/x", "/zookeeper_limits"] {
            bench.create(path)
        }
        for path in ["/zookeeper/quotas", "/zookeeper/x", "/zookeeper"] {
            bench.create(path + "/zookeeper_limits")
            bench.create(path + "/zookeeper_stats", data: [7])
            bench.delete(path + "/zookeeper_limits")
        }
        #expect(bench.tree.quotas.isEmpty)
        bench.create("/zookeeper/quota/zookeeper_limits")
        bench.create("/zookeeper/quota/zookeeper_stats")
        #expect(usage("") == "count=12,bytes=3")
        bench.create("/x")
        #expect(usage("") == "count=12,bytes=3")
    }

    @Test(arguments: ["", "count=x", "hello", "a=1;b", String(repeating: "a=1;", count: 300)])
    func `statistics that nobody can read are left alone`(text: String) {
        limit("/a", "count=0,bytes=0")
        let path = "/zookeeper/quota/a/zookeeper_stats"
        bench.set(path, text.isEmpty ? nil : Array(text.utf8))
        let outcome = bench.create("/a", data: [1])
        #expect(outcome.excesses.isEmpty)
        #expect(self.text(path) == (text.isEmpty ? nil : text))
    }

    @Test func `what else stands in statistics stays there`() {
        limit("/a", "count=9,bytes=-1")
        let path = "/zookeeper/quota/a/zookeeper_stats"
        bench.set(path, Array("zone==3,count=+4;bytes=2=;age=8".utf8))
        bench.create("/a", data: [1])
        #expect(text(path) == "count=5,bytes=3=;age=8;zone=-1")
    }

    // MARK: Limits

    @Test func `soft limits warn, and hard ones too where they are not enforced`() {
        limit("/a", "count=1,bytes=2")
        #expect(bench.create("/a", data: [1]).excesses.isEmpty)
        let outcome = bench.create("/a/b", data: [1, 2])
        #expect(outcome.error == .ok)
        #expect(outcome.excesses.map(\.measure) == [.count, .bytes])
        #expect(outcome.excesses.map(\.value) == [2, 3])
        #expect(outcome.excesses.map(\.limit) == [1, 2])
        #expect(outcome.excesses.allSatisfy { $0.path == "/a" && !$0.isHard && !$0.isRefused })
        let limits = "count=1,bytes=1=;byteHardLimit=9;countHardLimit=2"
        bench.set("/zookeeper/quota/a/zookeeper_limits", Array(limits.utf8))
        let hard = bench.create("/a/c")
        #expect(hard.error == .ok)
        #expect(hard.excesses.map(\.isHard) == [true])
        #expect(hard.excesses.map(\.isRefused) == [false])
        #expect(bench.set("/a/c", []).excesses.isEmpty)
    }

    @Test func `hard limits refuse where they are enforced, after all other checks of a create`() {
        let bench = TreeBench(enforcesQuotas: true)
        limit("/a", "count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=2", on: bench)
        bench.create("/a")
        bench.create("/a/b", data: [1, 2])
        let refused = bench.create("/a/c", data: [1, 2, 3])
        #expect(refused.error == .quotaExceeded)
        #expect(refused.excesses.map(\.measure) == [.count])
        #expect(refused.excesses.map(\.isRefused) == [true])
        #expect(bench.create("/a/b").error == .nodeExists)
        #expect(bench.create("/a/x/y").error == .noNode)
        #expect(usage("/a", on: bench) == "count=2,bytes=2")
        #expect(bench.set("/a/b", [1, 2, 3, 4, 5], version: 7).error == .quotaExceeded)
        #expect(bench.set("/a/b", [1, 2, 3, 4], version: 7).error == .badVersion)
        #expect(bench.set("/a/b", [1, 2, 3, 4]).error == .ok)
        bench.delete("/a/b")
        #expect(bench.create("/a/c", data: [1]).error == .ok)
    }

    @Test func `a change that only shrinks is refused while there is still too much`() {
        let bench = TreeBench(enforcesQuotas: true)
        bench.create("/a", data: [1, 2, 3, 4, 5])
        limit("/a", "count=-1,bytes=-1=;byteHardLimit=2", on: bench)
        #expect(bench.set("/a", [1, 2, 3]).error == .quotaExceeded)
        #expect(bench.set("/a", [9, 9, 9, 9, 9]).error == .ok)
        #expect(bench.set("/a", [1, 2]).error == .ok)
    }

    @Test func `the parts of a multi add up, and one too many fails them all`() {
        let bench = TreeBench(enforcesQuotas: true)
        limit("/a", "count=-1,bytes=-1=;countHardLimit=3", on: bench)
        bench.create("/a")
        let parts = (0..<3).map { number in
            MultiRequest.Operation.create(
                CreateRequest(path: "/a/\(number)", data: [], mode: .persistent)
            )
        }
        let outcome = bench.apply(.multi(MultiRequest(parts)))
        #expect(outcome.results?.last == .error(.quotaExceeded))
        #expect(outcome.excesses.map(\.value) == [4])
        #expect(usage("/a", on: bench) == "count=1,bytes=0")
        #expect(bench.apply(.multi(MultiRequest(Array(parts.dropLast())))).isChange)
    }

    @Test func `a multi over many quotas tells of a bounded number`() {
        for number in 0..<40 { limit("/q\(number)", "count=0,bytes=-1") }
        let parts = (0..<40).map { number in
            MultiRequest.Operation.create(
                CreateRequest(path: "/q\(number)", data: [], mode: .persistent)
            )
        }
        #expect(bench.apply(.multi(MultiRequest(parts))).excesses.count == Limits.excessesMax)
    }
}
