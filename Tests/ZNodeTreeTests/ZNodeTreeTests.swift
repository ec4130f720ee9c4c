import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

@Suite struct ZNodeTreeTests {
    private let bench = TreeBench()

    @Test func `a fresh tree looks as ZooKeeper 3.8 shows a fresh store`() throws {
        let tree = TreeBench()
        #expect(tree.children("/") == ["zookeeper"])
        #expect(tree.children("/zookeeper") == ["config", "quota"])
        let root = try #require(tree.stat("/"))
        #expect(root.cversion == -1)
        #expect([root.czxid, root.mzxid, root.pzxid, root.ctime, root.mtime] == [0, 0, 0, 0, 0])
        #expect(tree.stat("/zookeeper")?.cversion == -2)
        #expect(tree.stat("/zookeeper/config")?.aversion == -1)
        #expect(
            tree.get("/zookeeper/config").response
                == .data(
                    GetDataResponse(data: [], stat: try #require(tree.stat("/zookeeper/config")))
                )
        )
        #expect(tree.set("/zookeeper/config").error == .noAuth)
    }

    @Test(arguments: ["", "/"])
    func `an empty path is the root`(path: String) {
        #expect(bench.exists(path).error == .ok)
        #expect(bench.list(path).response == .names(["zookeeper"]))
    }

    // A1.1, A1.19
    @Test func `a parent must be there and a name is taken once`() {
        #expect(bench.create("/x/y").error == .noNode)
        #expect(bench.create("/a").path == "/a")
        #expect(bench.create("/a/b", data: [7]).path == "/a/b")
        #expect(bench.create("/a").error == .nodeExists)
        #expect(bench.create("/").error == .nodeExists)
        #expect(bench.children("/a") == ["b"])
    }

    // A1.3
    @Test func `sequence numbers count creations and are never used again`() {
        bench.create("/q")
        #expect(bench.create("/q/a", .persistentSequential).path == "/q/a0000000000")
        #expect(bench.create("/q/a", .persistentSequential).path == "/q/a0000000001")
        bench.delete("/q/a0000000001")
        #expect(bench.create("/q/a", .persistentSequential).path == "/q/a0000000002")
        bench.create("/q/plain")
        #expect(bench.create("/q/", .ephemeralSequential).path == "/q/0000000004")
        bench.create("/q/c", .container)
        #expect(bench.create("/q/-", .persistentSequential).path == "/q/-0000000006")
    }

    // A1.4
    @Test func `ephemerals belong to their session and have no children`() {
        bench.create("/e", .ephemeral, by: bench.other)
        #expect(bench.stat("/e")?.ephemeralOwner == 2)
        #expect(bench.create("/e/x").error == .noChildrenForEphemerals)
        let unknown = Caller(connection: ConnectionID(9), session: 99)
        #expect(bench.create("/f", .ephemeral, by: unknown).error == .sessionExpired)
        #expect(bench.ephemerals(of: 2) == ["/e"])
    }

    @Test func `a stat counts what happened to the node and its children`() throws {
        let czxid = bench.create("/a", data: [1, 2]).zxid
        let first = try #require(bench.stat("/a"))
        #expect([first.czxid, first.mzxid, first.pzxid] == [czxid, czxid, czxid])
        #expect([first.ctime, first.mtime] == [bench.time.milliseconds, bench.time.milliseconds])
        #expect([first.version, first.cversion, first.aversion, first.dataLength] == [0, 0, 0, 2])

        let childZxid = bench.create("/a/b").zxid
        bench.create("/a/c")
        let gone = bench.delete("/a/c").zxid
        let set = bench.set("/a", [1, 2, 3]).zxid
        bench.apply(.setACL(SetACLRequest(path: "/a", acl: ACL.openUnsafe, version: 0)))
        bench.set("/a/b")
        let last = try #require(bench.stat("/a"))
        #expect(childZxid < gone)
        #expect([last.czxid, last.mzxid, last.pzxid] == [czxid, set, gone])
        #expect([last.version, last.cversion, last.aversion] == [1, 3, 1])
        #expect([last.dataLength, last.numChildren] == [3, 1])
    }

    // A1.15
    @Test(arguments: [nil, [], [0], Array(0...255)] as [[UInt8]?])
    func `data come back as they were, null apart from empty`(data: [UInt8]?) {
        bench.create("/d", data: data)
        guard case .data(let response)? = bench.get("/d").response else {
            Issue.record("no data")
            return
        }
        #expect(response.data == data)
        #expect(response.stat.dataLength == Int32(data?.count ?? 0))
        bench.set("/d", [5])
        bench.set("/d", data)
        guard case .data(let again)? = bench.get("/d").response else {
            Issue.record("no data")
            return
        }
        #expect(again.data == data)
    }

    // A1.17
    @Test func `of two writers with the same version one wins`() {
        bench.create("/v")
        #expect(bench.set("/v", version: 0).error == .ok)
        #expect(bench.set("/v", version: 0, by: bench.other).error == .badVersion)
        #expect(bench.set("/v", version: -1).error == .ok)
        #expect(bench.delete("/v", version: 1).error == .badVersion)
        #expect(bench.delete("/v", version: 2).error == .ok)
        #expect(bench.exists("/v").error == .noNode)
    }

    // A1.18
    @Test func `only leaves can be deleted, and the version is looked at first`() {
        bench.create("/a")
        bench.create("/a/b")
        #expect(bench.delete("/a", version: 5).error == .badVersion)
        #expect(bench.delete("/a").error == .notEmpty)
        #expect(bench.delete("/a/b").error == .ok)
        #expect(bench.delete("/a").error == .ok)
        #expect(bench.delete("/a").error == .noNode)
        #expect(bench.delete("/a/b").error == .noNode)
    }

    @Test(arguments: ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "a", "/a\u{0}"])
    func `what no one may delete is a bad argument`(path: String) {
        #expect(bench.delete(path).error == .badArguments)
    }

    @Test(arguments: [
        (CreateMode.persistent.rawValue, ErrorCode.ok), (1, .ok), (2, .ok), (3, .ok), (4, .ok),
        (5, .badArguments), (6, .badArguments), (7, .badArguments), (-1, .badArguments),
    ])
    func `create and createContainer know the flags 0 to 4`(flags: Int32, error: ErrorCode) {
        let request = CreateRequest(path: "/f", data: [], acl: ACL.openUnsafe, flags: flags)
        #expect(bench.apply(.create(request)).error == error)
        bench.delete("/f")
        #expect(bench.apply(.createContainer(request)).error == error)
    }

    @Test(arguments: [
        (Int32(5), Int64(1), ErrorCode.ok), (6, 1 << 40 - 1, .ok), (5, 0, .badArguments),
        (5, -1, .badArguments), (5, 1 << 40, .badArguments), (0, 1, .badArguments),
        (4, 1, .badArguments),
    ])
    func `createTTL wants its own flags and 1 to 2^40 - 1 ms`(
        flags: Int32,
        ttl: Int64,
        error: ErrorCode
    ) {
        let create = CreateRequest(path: "/t", data: [], acl: ACL.openUnsafe, flags: flags)
        let request = CreateTTLRequest(create: create, ttlMilliseconds: ttl)
        #expect(bench.apply(.createTTL(request)).error == error)
    }

    @Test func `containers and TTL nodes show no owner`() {
        let container = CreateRequest(path: "/c", data: [], mode: .container)
        guard case .created(let made)? = bench.apply(.createContainer(container)).response else {
            Issue.record("no container")
            return
        }
        #expect(made.path == "/c")
        #expect(made.stat.ephemeralOwner == 0)
        #expect(bench.create("/c/child").error == .ok)
    }

    /// ZooKeeper 3.8 PrepRequestProcessor: each request breaks its own rule and all later ones.
    @Test(
        arguments: [
            ("x\u{0}", 9, [], ErrorCode.badArguments),
            ("noslash", 0, [], .badArguments),
            ("/none/\u{e000}", 0, [], .invalidACL),
            ("/none/\u{e000}", 0, ACL.openUnsafe, .noNode),
            ("/closed/\u{e000}", 0, ACL.openUnsafe, .noAuth),
            ("/e/\u{e000}", 0, ACL.openUnsafe, .badArguments),
            ("/e", 0, ACL.openUnsafe, .nodeExists),
            ("/e/x", 0, ACL.openUnsafe, .noChildrenForEphemerals),
        ] as [(String, Int32, [ACL], ErrorCode)]
    )
    func `create checks in ZooKeeper's order`(
        path: String,
        flags: Int32,
        acl: [ACL],
        error: ErrorCode
    ) {
        bench.create("/closed", acl: ACL.readUnsafe)
        bench.create("/e", .ephemeral)
        let request = CreateRequest(path: path, data: [], acl: acl, flags: flags)
        #expect(bench.apply(.create(request)).error == error)
    }

    @Test(arguments: ["/a/", "//a", "/./a", "/a\u{1}", "/a\u{7f}", "/\u{f8ff}", "/\u{1F600}"])
    func `writes refuse malformed paths, reads just find nothing`(path: String) {
        #expect(bench.set(path).error == .badArguments)
        #expect(bench.get(path).error == .noNode)
        #expect(bench.list(path).error == .noNode)
        #expect(bench.exists(path).error == .noNode)
    }

    @Test func `exists refuses a NUL`() {
        #expect(bench.exists("/a\u{0}").error == .badArguments)
    }

    @Test func `paths are compared by their bytes`() {
        bench.create("/\u{e9}", data: [1])
        #expect(bench.exists("/e\u{301}").error == .noNode)
        #expect(bench.create("/e\u{301}", data: [2]).error == .ok)
        #expect(bench.stat("/")?.numChildren == 3)
        #expect(bench.delete("/\u{e9}").error == .ok)
        #expect(bench.exists("/e\u{301}").error == .ok)
    }

    @Test func `a failed request uses no zxid and changes nothing`() {
        let before = bench.tree.lastZxid
        bench.delete("/none")
        bench.create("/a/b")
        bench.set("/none")
        #expect(bench.tree.lastZxid == before)
        #expect(bench.create("/a").zxid == before + 1)
    }

    @Test func `a read depends on its own node, or on its parent when it is absent`() {
        let a = bench.create("/a").zxid
        let b = bench.create("/a/b").zxid
        let c = bench.create("/c").zxid
        #expect(bench.get("/c").dependsOn == c)
        #expect(bench.get("/a").dependsOn == b)
        #expect(bench.get("/a").zxid == c)
        #expect(a < b)
        #expect(bench.get("/none").dependsOn == c)
        #expect(bench.get("/a/none").dependsOn == b)
        #expect(bench.get("/none/x").dependsOn == c)
    }

    @Test func `descendants and ephemerals are counted and listed`() {
        for path in ["/a", "/a/b", "/a/b/c", "/ab"] { bench.create(path) }
        bench.create("/a/e1", .ephemeral)
        bench.create("/ab/e2", .ephemeral)
        bench.create("/a/e3", .ephemeral, by: bench.other)
        let request = Request.getAllChildrenNumber(GetAllChildrenNumberRequest(path: "/a"))
        #expect(bench.apply(request).response == .number(4))
        let all = Request.getAllChildrenNumber(GetAllChildrenNumberRequest(path: "/"))
        #expect(bench.apply(all).response == .number(10))
        let empty = Request.getAllChildrenNumber(GetAllChildrenNumberRequest(path: ""))
        #expect(bench.apply(empty).response == .number(11))
    }

    @Test(arguments: [
        ("/a", ["/a/e1", "/ab/e2"]), ("/a/", ["/a/e1"]), ("/a ", []), ("a", []),
        ("/", ["/a/e1", "/ab/e2", "/c"]), ("", ["/a/e1", "/ab/e2", "/c"]),
        (" \t/ ", ["/a/e1", "/ab/e2", "/c"]), ("\u{1}", ["/a/e1", "/ab/e2", "/c"]),
    ])
    func `ephemerals are listed by the beginning of their paths`(prefix: String, paths: [String]) {
        for path in ["/a", "/ab"] { bench.create(path) }
        for path in ["/a/e1", "/ab/e2", "/c"] { bench.create(path, .ephemeral) }
        bench.create("/a/e3", .ephemeral, by: bench.other)
        let request = Request.getEphemerals(GetEphemeralsRequest(prefix: prefix))
        #expect(bench.apply(request).response == .names(paths))
    }

    @Test func `sync, check, whoAmI and reconfig answer as a standalone server does`() {
        bench.create("/a")
        #expect(bench.apply(.sync(SyncRequest(path: "/none"))).response == .path("/none"))
        let check = CheckVersionRequest(path: "/a", version: 0)
        #expect(bench.apply(.check(check)).response == .empty)
        let wrong = CheckVersionRequest(path: "/a", version: 1)
        #expect(bench.apply(.check(wrong)).error == .badVersion)
        var caller = bench.client
        caller.identities = [
            Identity(scheme: "ip", id: "10.0.0.1"), Identity(scheme: "digest", id: "u:hash"),
        ]
        #expect(
            bench.apply(.whoAmI, by: caller).response
                == .identities([
                    ClientIdentity(scheme: "ip", user: "10.0.0.1"),
                    ClientIdentity(scheme: "digest", user: "u"),
                ])
        )
        let reconfig = ReconfigRequest(
            joiningServers: nil,
            leavingServers: "3",
            newMembers: nil,
            currentConfigID: -1
        )
        #expect(bench.apply(.reconfig(reconfig)).error == .reconfigDisabled)
    }

    @Test func `freeing a tree 2,000 levels deep does not recurse`() {
        // Straight into the tree: the bench checks all of it at each step.
        var tree = ZNodeTree()
        let caller = Caller(connection: ConnectionID(1), session: 1)
        var path = ""
        for _ in 0..<2_000 {
            path += "/a"
            let request = CreateRequest(path: path, data: nil, mode: .persistent)
            _ = tree.apply(.create(request), by: caller, at: bench.time)
        }
        #expect(tree.nodeCount == 2_004)
    }
}
