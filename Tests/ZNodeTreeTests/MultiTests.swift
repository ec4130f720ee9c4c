import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct MultiTests {
    private let bench = TreeBench()

    private func create(_ path: String, _ mode: CreateMode = .persistent) -> CreateRequest {
        CreateRequest(path: path, data: [], mode: mode)
    }

    private func multi(_ operations: [MultiRequest.Operation]) -> Outcome {
        bench.apply(.multi(MultiRequest(operations)))
    }

    @Test func `later parts see earlier ones, all at one zxid`() throws {
        let before = bench.tree.lastZxid
        let outcome = multi([
            .create(create("/t")),
            .create2(create("/t/a")),
            .setData(SetDataRequest(path: "/t", data: [3], version: 0)),
            .check(CheckVersionRequest(path: "/t", version: 1)),
            .delete(DeleteRequest(path: "/t/a", version: -1)),
            .create(create("/t/s-", .persistentSequential)),
            .create(create("/t/s-", .persistentSequential)),
            .createContainer(create("/t/c", .container)),
        ])
        let results = try #require(outcome.results)
        let stat = try #require(bench.stat("/t"))
        #expect(outcome.zxid == before + 1)
        #expect(bench.tree.lastZxid == before + 1)
        #expect(results[0] == .create(path: "/t"))
        #expect(results[1] == .create(path: "/t/a"))
        #expect(results[3] == .check)
        #expect(results[4] == .delete)
        #expect(results[5] == .create(path: "/t/s-0000000001"))
        #expect(results[6] == .create(path: "/t/s-0000000002"))
        guard case .create2(let container) = results[7], case .setData(let early) = results[2]
        else {
            Issue.record("a container shows its Stat, and so does setData")
            return
        }
        #expect(container.stat.czxid == before + 1)
        #expect([early.version, early.cversion, early.numChildren] == [1, 1, 1])
        #expect([stat.version, stat.cversion, stat.numChildren] == [1, 5, 3])
    }

    @Test func `a failure undoes everything, counters too, and names its place`() throws {
        bench.create("/t", data: [1])
        bench.create("/t/old", data: [7])
        bench.create("/t/e", .ephemeral)
        let (before, stat) = (bench.tree.lastZxid, bench.stat("/t"))
        let bytes = bench.tree.approximateDataSize
        let outcome = multi([
            .create(create("/t/x")),
            .create(create("/t/s-", .persistentSequential)),
            .setData(SetDataRequest(path: "/t", data: [1, 2, 3], version: -1)),
            .delete(DeleteRequest(path: "/t/old", version: -1)),
            .delete(DeleteRequest(path: "/t/e", version: -1)),
            .create(create("/t/old", .ephemeral)),
            .check(CheckVersionRequest(path: "/t", version: 9)),
            .create(create("/t/y")),
            .check(CheckVersionRequest(path: "/none", version: 0)),
        ])
        #expect(outcome.error == .ok)
        #expect(outcome.results == MultiResponse(failedAt: 6, .badVersion, count: 9).results)
        #expect(outcome.hits.isEmpty)
        #expect(bench.tree.lastZxid == before)
        #expect(bench.stat("/t") == stat)
        #expect(bench.children("/t") == ["e", "old"])
        #expect(bench.tree.approximateDataSize == bytes)
        #expect(bench.ephemerals(of: 1) == ["/t/e"])
        #expect(bench.create("/t/s-", .persistentSequential).path == "/t/s-0000000002")
    }

    @Test func `in a multi the flags alone say what a create makes`() throws {
        func flags(_ path: String, _ mode: CreateMode) -> CreateRequest { create(path, mode) }
        func ttl(_ path: String, _ mode: CreateMode) -> MultiRequest.Operation {
            .createTTL(CreateTTLRequest(create: create(path, mode), ttlMilliseconds: 9))
        }
        let outcome = multi([
            .create(flags("/a", .container)), .create2(flags("/b", .container)),
            .createContainer(flags("/c", .persistent)), .createContainer(flags("/d", .ephemeral)),
            ttl("/e", .ephemeralSequential), ttl("/f", .container), ttl("/g", .persistentTTL),
        ])
        let results = try #require(outcome.results)
        let showsStat = results.map { if case .create2 = $0 { true } else { false } }
        #expect(showsStat == [true, true, false, false, false, true, true])
        #expect(bench.tree.node("/a")?.kind == .container)
        #expect(bench.tree.node("/c")?.kind == .persistent)
        #expect(bench.tree.node("/d")?.kind == .ephemeral(session: 1))
        #expect(bench.tree.node("/e0000000004")?.kind == .ephemeral(session: 1))
        #expect(bench.tree.node("/g")?.kind == .ttl(milliseconds: 9))
    }

    @Test(arguments: [CreateMode.persistentTTL, .persistentSequentialTTL])
    func `a TTL without the room for it fails a multi as a whole`(mode: CreateMode) {
        let first = MultiRequest.Operation.create(create("/a"))
        for part in [
            MultiRequest.Operation.create(create("/t", mode)), .create2(create("/t", mode)),
            .createContainer(create("/t", mode)),
        ] {
            #expect(multi([first, part]).error == .marshallingError)
            #expect(bench.children("/") == ["zookeeper"])
            let missing = MultiRequest.Operation.delete(DeleteRequest(path: "/no", version: -1))
            let failed = MultiResponse(failedAt: 0, .noNode, count: 2)
            #expect(multi([missing, part]).results == failed.results)
        }
    }

    @Test func `a tree built and taken down again in one multi leaves only counters`() {
        let outcome = multi([
            .create(create("/a")), .create(create("/a/b")), .create(create("/a/b/c")),
            .delete(DeleteRequest(path: "/a/b/c", version: 0)),
            .delete(DeleteRequest(path: "/a/b", version: 0)),
            .delete(DeleteRequest(path: "/a", version: 0)),
        ])
        #expect(outcome.isChange)
        #expect(bench.children("/") == ["zookeeper"])
        #expect(bench.stat("/")?.cversion == 1)
    }

    @Test func `a nested failure restores deleted parents in the right order`() {
        bench.create("/a")
        bench.create("/a/b")
        let outcome = multi([
            .delete(DeleteRequest(path: "/a/b", version: -1)),
            .delete(DeleteRequest(path: "/a", version: -1)),
            .create(create("/a")),
            .create(create("/a/new")),
            .delete(DeleteRequest(path: "/zookeeper", version: -1)),
        ])
        #expect(outcome.results?.last == .error(.badArguments))
        #expect(bench.children("/a") == ["b"])
    }

    @Test func `an empty multi has no results and uses no zxid`() {
        let before = bench.tree.lastZxid
        #expect(multi([]).results?.isEmpty == true)
        #expect(multi([.check(CheckVersionRequest(path: "/", version: 0))]).results == [.check])
        #expect(bench.tree.lastZxid == before)
    }

    @Test func `parts of a multiRead fail one by one`() throws {
        bench.create("/a", data: [1])
        let request = MultiReadRequest([
            .getData(GetDataRequest(path: "/a", watch: false)),
            .getData(GetDataRequest(path: "/none", watch: false)),
            .getChildren(GetChildrenRequest(path: "/", watch: false)),
        ])
        let results = try #require(bench.apply(.multiRead(request)).results)
        let stat = try #require(bench.stat("/a"))
        #expect(results[0] == .getData(GetDataResponse(data: [1], stat: stat)))
        #expect(results[1] == .error(.noNode))
        #expect(results[2] == .getChildren(["zookeeper", "a"]))
    }

    @Test func `a multiRead that asks for one big node again and again is bounded`() throws {
        bench.create("/big", data: [UInt8](repeating: 7, count: 1_000_000))
        let part = MultiReadRequest.Operation.getData(GetDataRequest(path: "/big", watch: false))
        let request = MultiReadRequest(Array(repeating: part, count: 1_000))
        let results = try #require(bench.apply(.multiRead(request)).results)
        #expect(results.count == 1_000)
        let whole = results.prefix { if case .getData = $0 { true } else { false } }.count
        #expect(whole == Limits.multiReadBytesMax / 1_000_000 + 1)
        #expect(results.dropFirst(whole).allSatisfy { $0 == .error(.throttledOp) })
    }

    @Test func `a multiRead of a node with a long access list is bounded`() throws {
        let acl = (0..<250).map { ACL(.read, scheme: "ip", id: "10.0.0.\($0)") }
        bench.create("/listed", acl: acl)
        let request = GetDataRequest(path: "/listed", watch: false)
        let part = MultiReadRequest.Operation.getData(request)
        let all = MultiReadRequest(Array(repeating: part, count: 2_000))
        let results = try #require(bench.apply(.multiRead(all)).results)
        let looked = results.prefix { $0 == .error(.noAuth) }.count
        #expect(looked == Limits.multiReadBytesMax / (250 * Limits.aclEntryBytes) + 1)
        #expect(results.dropFirst(looked).allSatisfy { $0 == .error(.throttledOp) })
    }

    @Test func `the events of a multi are those of its parts, in order`() {
        bench.exists("/a", watch: true)
        bench.list("/", watch: true, by: bench.other)
        let outcome = multi([
            .create(create("/a")),
            .delete(DeleteRequest(path: "/a", version: -1)),
        ])
        #expect(outcome.told == ["1 nodeCreated /a", "2 nodeChildrenChanged /"])
    }
}
