import ServiceModel
import TestSupport
import Testing
import Wire
import ZooKeeperProtocol

@testable import ZNodeTree

/// Records carried out again in another tree.
@Suite struct ReplayingTests {
    private let start = Instant(nanoseconds: 0)

    private func replay(_ recorded: RecordedChanges, into tree: inout ZNodeTree) throws {
        var records: [(Int64, [UInt8])] = []
        recorded.forEachRecord { zxid, payload in
            records.append((zxid, payload.indices.map { payload[$0] }))
        }
        for (zxid, payload) in records { try tree.replay(zxid: zxid, payload.span, now: start) }
    }

    /// Every kind of change and of znode in the records.
    private func kinds(of recorded: RecordedChanges) throws -> Set<String> {
        var transactions: [Result<TreeTransaction, any Error>] = []
        recorded.forEachRecord { zxid, payload in
            transactions.append(Result { try TreeTransaction(zxid: zxid, decoding: payload) })
        }
        let names = try transactions.flatMap { try $0.get().changes }.map { change in
            guard case .created(_, let kind, _, _, _) = change else { return "\(change)" }
            return "created \(kind)"
        }
        return Set(names.map { String($0.prefix { $0 != "(" }) })
    }

    @Test func `a replayed tree is the one that recorded, after 6,000 random requests`() throws {
        var traffic = RandomTraffic(salt: 11)
        var copy = ZNodeTree()
        var seen: Set<String> = []
        for step in 0..<6_000 {
            traffic.step()
            guard step % 50 == 49 else { continue }
            try replay(traffic.tree.recorded, into: &copy)
            seen.formUnion(try kinds(of: traffic.tree.recorded))
            traffic.tree.recorded.removeAll()
            copy.countQuotas()
            traffic.tree.countQuotas()
            expectAlike(TreeLikeness(copy), TreeLikeness(traffic.tree))
            #if DEBUG
            traffic.tree.checkInvariants()
            copy.checkInvariants()
            #endif
        }
        #expect(copy.lastZxid > 500)
        #expect(seen.count == 11, "\(seen.sorted())")
        #expect(copy.recorded.isEmpty)
    }

    @Test func `a restored tree is the one that was kept, and goes on from its records`() throws {
        var traffic = RandomTraffic(salt: 12)
        var nodesSeen = 0
        for _ in 0..<20 {
            for _ in 0..<100 { traffic.step() }
            traffic.tree.recorded.removeAll()
            var copy = ZNodeTree(zxid: traffic.tree.lastZxid)
            for session in traffic.tree.sessionSummaries {
                try copy.restoreSession(session.id, timeout: session.timeout, now: start)
            }
            var rests: [ZNodeAtRest] = []
            traffic.tree.forEachNode { rests.append($0) }
            for rest in rests { try copy.restore(rest) }
            expectAlike(TreeLikeness(copy), TreeLikeness(traffic.tree))
            for _ in 0..<50 { traffic.step() }
            try replay(traffic.tree.recorded, into: &copy)
            copy.countQuotas()
            traffic.tree.countQuotas()
            expectAlike(TreeLikeness(copy), TreeLikeness(traffic.tree))
            #if DEBUG
            copy.checkInvariants()
            #endif
            nodesSeen += copy.nodeCount
        }
        #expect(nodesSeen > 100)
    }

    @Test func `sessions start with their whole timeouts`() throws {
        var tree = ZNodeTree(zxid: 7)
        try tree.restoreSession(1, timeout: .seconds(4), now: start)
        try tree.restoreSession(2, timeout: .seconds(8), now: start)
        tree.startSessions(now: start + .seconds(100))
        #expect(tree.session(1)?.deadline == start + .seconds(104))
        #expect(tree.session(2)?.deadline == start + .seconds(108))
        #expect(tree.nextDeadline == start + .seconds(104))
        let early = tree.expireNext(now: start + .seconds(103))
        #expect(early == nil)
        let expired = tree.expireNext(now: start + .seconds(104))
        #expect(expired?.session == 1)
        #expect(expired?.outcome.zxid == 8)
    }

    @Test func `a renegotiated timeout is replayed, also without a zxid of its own`() throws {
        var tree = ZNodeTree(isRecording: true)
        _ = tree.createSession(1, timeout: .seconds(4), now: start)
        let zxid = tree.resumeSession(1, timeout: .seconds(9), now: start)
        #expect(zxid == 2)
        var copy = ZNodeTree()
        try replay(tree.recorded, into: &copy)
        #expect(copy.session(1)?.timeout == .seconds(9))
        #expect(copy.lastZxid == 2)
        let earlier = TreeChange.sessionResumed(id: 1, timeoutMilliseconds: 5_000)
        try replay([earlier], at: 2, into: &copy)
        #expect(copy.session(1)?.timeout == .seconds(5))
        #expect(copy.lastZxid == 2)
    }

    private func text(_ path: String, in tree: borrowing ZNodeTree) -> String? {
        tree.node(path)?.data.map { String(decoding: $0, as: UTF8.self) }
    }

    /// A quota of the path; what is above its nodes may be there already.
    private func limit(_ path: String, _ tree: inout ZNodeTree) {
        let caller = Caller(connection: ConnectionID(1), session: 1)
        var paths = ["/zookeeper/quota"]
        for name in path.split(separator: "/") { paths.append((paths.last ?? "") + "/" + name) }
        paths.append("/zookeeper/quota" + path + "/zookeeper_limits")
        paths.append("/zookeeper/quota" + path + "/zookeeper_stats")
        for path in paths {
            let data = Array("count=9,bytes=-1".utf8)
            let create = CreateRequest(path: path, data: data, mode: .persistent)
            _ = tree.apply(.create(create), by: caller, at: UnixTime(milliseconds: 1))
        }
    }

    private func create(
        _ path: String,
        _ tree: inout ZNodeTree,
        _ mode: CreateMode = .persistent
    ) {
        let caller = Caller(connection: ConnectionID(1), session: 1)
        let create = CreateRequest(path: path, data: [1, 2], mode: mode)
        let outcome = tree.apply(.create(create), by: caller, at: UnixTime(milliseconds: 1))
        #expect(outcome.error == .ok)
    }

    @Test func `figures of quotas are counted anew, whatever the records say`() throws {
        var tree = ZNodeTree(isRecording: true)
        _ = tree.createSession(1, timeout: .seconds(4), now: start)
        _ = tree.createSession(2, timeout: .seconds(4), now: start)
        let deep = (0...Limits.weighedLevelsMax).reduce("/d") { path, _ in path + "/d" }
        for end in deep.indices.dropFirst() where deep[end] == "/" {
            create(String(deep[..<end]), &tree)
        }
        for path in ["/a", deep, deep + "/x"] {
            limit(path, &tree)
            create(path, &tree)
        }
        for path in ["/a/b", deep + "/x/y"] { create(path, &tree, .ephemeral) }
        let stats = ["/a", deep, deep + "/x"].map { "/zookeeper/quota\($0)/zookeeper_stats" }
        let live = ["count=2,bytes=4", "count=1,bytes=2", "count=2,bytes=4"]
        #expect(stats.map { text($0, in: tree) } == live)
        var copy = ZNodeTree()
        try replay(tree.recorded, into: &copy)
        copy.countQuotas()
        // As in ZooKeeper a start counts what a quota further down counts too.
        let figures = ["count=2,bytes=4", "count=3,bytes=6", "count=2,bytes=4"]
        #expect(stats.map { text($0, in: copy) } == figures)
        tree.recorded.removeAll()
        let client = Caller(connection: ConnectionID(1), session: 1)
        _ = tree.apply(.closeSession, by: client, at: UnixTime(milliseconds: 1))
        try replay(tree.recorded, into: &copy)
        copy.countQuotas()
        let later = ["count=1,bytes=2", "count=2,bytes=4", "count=1,bytes=2"]
        #expect(stats.map { text($0, in: copy) } == later)
        #expect(text(stats[0], in: tree) == later[0])
        #if DEBUG
        copy.checkInvariants()
        #endif
    }

    @Test func `statistics keep their figures when their limits go`() throws {
        var tree = ZNodeTree(isRecording: true)
        limit("/a", &tree)
        create("/a", &tree)
        let client = Caller(connection: ConnectionID(1), session: 1)
        let limits = DeleteRequest(path: "/zookeeper/quota/a/zookeeper_limits", version: -1)
        _ = tree.apply(.delete(limits), by: client, at: UnixTime(milliseconds: 1))
        create("/a/b", &tree)
        var copy = ZNodeTree()
        try replay(tree.recorded, into: &copy)
        copy.countQuotas()
        #expect(text("/zookeeper/quota/a/zookeeper_stats", in: copy) == "count=1,bytes=2")
        expectAlike(TreeLikeness(copy), TreeLikeness(tree))
    }

    private static let sound: [TreeChange] = [
        .sessionOpened(id: 1, timeoutMilliseconds: 1_000),
        created("/a"), created("/a/b"), created("/e", .ephemeral(session: 1)),
    ]

    private static func created(_ path: String, _ kind: ZNodeKind = .persistent) -> TreeChange {
        .created(path: path, kind: kind, data: [], acl: ACL.openUnsafe, parentCreations: 1)
    }

    @Test(arguments: [
        (TreeDamage.Code.misplaced, "/x/y", created("/x/y")),
        (.misplaced, "/e/y", created("/e/y")), (.misplaced, "x", created("x")),
        (.misplaced, "/a//b", created("/a//b")), (.misplaced, "/", created("/")),
        (.duplicate, "/a", created("/a")), (.duplicate, "/zookeeper", created("/zookeeper")),
        (.session, "/y", created("/y", .ephemeral(session: 2))),
        (.kind, "/y", created("/y", .ttl(milliseconds: 0))),
        (.missing, "/y", .deleted(path: "/y", owner: 0)),
        (.missing, "/a", .deleted(path: "/a", owner: 0)),
        (.kind, "/zookeeper/quota", .deleted(path: "/zookeeper/quota", owner: 0)),
        (.kind, "/", .deleted(path: "/", owner: 0)),
        (.missing, "/y", .dataSet(path: "/y", owner: 0, data: nil, version: 1)),
        (.missing, "/y", .aclSet(path: "/y", owner: 0, acl: ACL.openUnsafe, version: 1)),
        (.missing, "/y", .counted(path: "/y", owner: 0, data: nil)),
        (.duplicate, "session 0x1", .sessionOpened(id: 1, timeoutMilliseconds: 1)),
        (.session, "session 0x0", .sessionOpened(id: 0, timeoutMilliseconds: 1)),
        (.session, "session 0x2", .sessionResumed(id: 2, timeoutMilliseconds: 1)),
        (.session, "session 0x2", .sessionEnded(id: 2)),
    ])
    func `what cannot be is refused by name`(
        code: TreeDamage.Code,
        subject: String,
        change: TreeChange
    ) {
        var tree = ZNodeTree()
        do throws(TreeDamage) {
            try replay(Self.sound, at: 1, into: &tree)
        } catch {
            Issue.record("\(error)")
        }
        do throws(TreeDamage) {
            try replay([change], at: 2, into: &tree)
            Issue.record("\(change) was carried out")
        } catch {
            #expect(error.code == code)
            #expect(error.subject == subject)
        }
    }

    @Test func `a record out of order is refused`() throws {
        var tree = ZNodeTree(zxid: 5)
        for zxid in [Int64(4), 5] {
            let error = #expect(throws: TreeDamage.self) {
                try replay([Self.created("/a")], at: zxid, into: &tree)
            }
            #expect(error?.code == .zxid)
        }
        try replay([Self.created("/a")], at: 9, into: &tree)
        #expect(tree.lastZxid == 9)
    }

    private func replay(
        _ changes: [TreeChange],
        at zxid: Int64,
        into tree: inout ZNodeTree
    ) throws(TreeDamage) {
        var writer = ByteWriter()
        TreeTransaction(zxid: zxid, milliseconds: 1, changes: changes).encode(into: &writer)
        try tree.replay(zxid: zxid, writer.bytes.span, now: start)
    }

    @Test func `records with any one byte changed never trap`() throws {
        var writer = ByteWriter()
        let changes =
            Self.sound + [
                .dataSet(path: "/a", owner: 0, data: [1], version: 1),
                .counted(path: "/e", owner: 1, data: [2]),
                Self.created("/t", .ttl(milliseconds: 9)), .deleted(path: "/a/b", owner: 0),
                .aclSet(
                    path: "/a",
                    owner: 0,
                    acl: [ACL(.read, scheme: "ip", id: "::")],
                    version: 1
                ),
                .sessionResumed(id: 1, timeoutMilliseconds: 5), .sessionEnded(id: 1),
            ]
        TreeTransaction(zxid: 1, milliseconds: 1, changes: changes).encode(into: &writer)
        let original = writer.bytes
        var (changed, refused) = (original, 0)
        for index in original.indices {
            for bit in 0..<8 {
                changed[index] = original[index] ^ UInt8(1 << bit)
                var tree = ZNodeTree()
                do throws(TreeDamage) {
                    try tree.replay(zxid: 1, changed.span, now: start)
                    #if DEBUG
                    tree.checkInvariants()
                    #endif
                } catch {
                    refused += 1
                }
            }
            changed[index] = original[index]
        }
        #expect(refused > 500)
    }

    private static let rest = ZNodeAtRest(
        path: "/a",
        kind: .persistent,
        data: nil,
        acl: ACL.openUnsafe,
        czxid: 3,
        mzxid: 4,
        pzxid: 5,
        ctime: 1,
        mtime: 2,
        version: 1,
        aversion: 2,
        creations: 3
    )

    @Test func `a znode from after the tree's zxid is refused`() throws {
        var early = ZNodeTree(zxid: 4)
        let error = #expect(throws: TreeDamage.self) { try early.restore(Self.rest) }
        #expect(error?.code == .zxid)
        #expect(error?.description.hasPrefix("/a: ") == true)
        var tree = ZNodeTree(zxid: 5)
        try tree.restore(Self.rest)
        #expect(TreeLikeness(tree).nodes.map(\.rest).contains(Self.rest))
    }

    @Test func `the nodes that every tree has take over what was kept of them`() throws {
        var tree = ZNodeTree(zxid: 5)
        var config = Self.rest
        (config.path, config.data) = ("/zookeeper/config", [1, 2])
        try tree.restore(config)
        #expect(TreeLikeness(tree).nodes.map(\.rest).contains(config))
        #if DEBUG
        tree.checkInvariants()
        #endif
        config.kind = .container
        let error = #expect(throws: TreeDamage.self) { try tree.restore(config) }
        #expect(error?.code == .kind)
    }
}
