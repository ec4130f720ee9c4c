import ServiceModel
import Testing
import Wire
import ZooKeeperProtocol

@testable import ZNodeTree

/// What stands in the records of changes.
@Suite struct RecordingTests {
    private let time = UnixTime(milliseconds: 5)
    private let client = Caller(connection: ConnectionID(1), session: 1)

    private func creation(_ path: String, _ data: [UInt8]? = []) -> CreateRequest {
        CreateRequest(path: path, data: data, mode: .persistent)
    }

    private func records(of tree: borrowing ZNodeTree) throws -> [TreeTransaction] {
        var records: [Result<TreeTransaction, any Error>] = []
        tree.recorded.forEachRecord { zxid, payload in
            records.append(Result { try TreeTransaction(zxid: zxid, decoding: payload) })
        }
        return try records.map { try $0.get() }
    }

    @Test func `a tree that does not record leaves nothing behind`() {
        var tree = ZNodeTree()
        _ = tree.createSession(1, timeout: .seconds(4), now: Instant(nanoseconds: 0))
        let outcome = tree.apply(.create(creation("/a")), by: client, at: time)
        #expect(outcome.isChange)
        #expect(tree.recorded.isEmpty)
        #expect(tree.recorded.bytes.isEmpty)
    }

    @Test func `each committed change is one record and a failed one is none`() throws {
        var tree = ZNodeTree(isRecording: true)
        let now = Instant(nanoseconds: 0)
        _ = tree.createSession(1, timeout: .seconds(4), now: now)
        _ = tree.apply(.create(creation("/a", [7])), by: client, at: time)
        let failed = tree.apply(.create(creation("/a")), by: client, at: time)
        #expect(failed.error == .nodeExists)
        let check = CheckVersionRequest(path: "/a", version: 0)
        _ = tree.apply(.multi(MultiRequest([.check(check)])), by: client, at: time)
        let broken = MultiRequest([.create(creation("/b")), .create(creation("/a"))])
        _ = tree.apply(.multi(broken), by: client, at: time)
        let resumed = tree.resumeSession(1, timeout: .seconds(4), now: now)
        let changed = tree.resumeSession(1, timeout: .seconds(5), now: now)
        #expect(resumed == 1 && changed == 3)
        let readers = SetACLRequest(path: "/a", acl: ACL.readUnsafe, version: 0)
        _ = tree.apply(.setACL(readers), by: client, at: time)
        _ = tree.apply(.closeSession, by: client, at: time)

        let opened = TreeChange.sessionOpened(id: 1, timeoutMilliseconds: 4_000)
        let created = TreeChange.created(
            path: "/a",
            kind: .persistent,
            data: [7],
            acl: ACL.openUnsafe,
            parentCreations: 1
        )
        let other = TreeChange.sessionResumed(id: 1, timeoutMilliseconds: 5_000)
        let listed = TreeChange.aclSet(path: "/a", owner: 0, acl: ACL.readUnsafe, version: 1)
        #expect(
            try records(of: tree) == [
                TreeTransaction(zxid: 1, milliseconds: 0, changes: [opened]),
                TreeTransaction(zxid: 2, milliseconds: 5, changes: [created]),
                TreeTransaction(zxid: 3, milliseconds: 0, changes: [other]),
                TreeTransaction(zxid: 4, milliseconds: 5, changes: [listed]),
                TreeTransaction(zxid: 5, milliseconds: 0, changes: [.sessionEnded(id: 1)]),
            ]
        )
        tree.recorded.removeAll()
        #expect(tree.recorded.isEmpty && tree.recorded.bytes.isEmpty)
    }

    @Test func `a multi whose record is too long is undone as a whole`() throws {
        var tree = ZNodeTree(isRecording: true)
        tree.recordBytesMax = 200
        let short = tree.apply(.create(creation("/a", [7])), by: client, at: time)
        #expect(short.isChange)
        let zxid = tree.lastZxid
        let parts = (0..<9).map { MultiRequest.Operation.create(creation("/a/b\($0)", [1, 2])) }
        let long = tree.apply(.multi(MultiRequest(parts)), by: client, at: time)
        #expect(long.error == .marshallingError)
        #expect(!long.isChange)
        #expect(tree.lastZxid == zxid)
        #expect(tree.nodeCount == 5)
        #expect(try records(of: tree).map(\.zxid) == [zxid])
        #if DEBUG
        tree.checkInvariants()
        #endif
        let few = tree.apply(.multi(MultiRequest(Array(parts.prefix(2)))), by: client, at: time)
        #expect(few.isChange)
        #expect(try records(of: tree).map(\.zxid) == [zxid, zxid + 1])
    }

    @Test func `changes of an ephemeral name its session`() throws {
        var tree = ZNodeTree(isRecording: true)
        _ = tree.createSession(1, timeout: .seconds(4), now: Instant(nanoseconds: 0))
        let create = CreateRequest(path: "/e", data: [1], acl: ACL.openUnsafe, flags: 1)
        _ = tree.apply(.create(create), by: client, at: time)
        let set = SetDataRequest(path: "/e", data: [2], version: -1)
        _ = tree.apply(.setData(set), by: client, at: time)
        let list = SetACLRequest(path: "/e", acl: ACL.openUnsafe, version: -1)
        _ = tree.apply(.setACL(list), by: client, at: time)
        _ = tree.apply(.delete(DeleteRequest(path: "/e", version: -1)), by: client, at: time)
        #expect(
            try records(of: tree).dropFirst(2).flatMap(\.changes) == [
                .dataSet(path: "/e", owner: 1, data: [2], version: 1),
                .aclSet(path: "/e", owner: 1, acl: ACL.openUnsafe, version: 1),
                .deleted(path: "/e", owner: 1),
            ]
        )
    }

    @Test func `the end of a session is short, however many quotas it touches`() throws {
        var tree = ZNodeTree(isRecording: true)
        _ = tree.createSession(1, timeout: .seconds(4), now: Instant(nanoseconds: 0))
        for number in 0..<24 {
            let path = "/\(number)" + String(repeating: "n", count: 10_000)
            let quota = "/zookeeper/quota" + path
            let limits = CreateRequest(
                path: quota + "/zookeeper_limits",
                data: Array("count=9,bytes=9".utf8),
                mode: .persistent
            )
            let ephemeral = CreateRequest(path: path + "/e", data: [1], mode: .ephemeral)
            for create in [
                creation(path), creation(quota), limits, creation(quota + "/zookeeper_stats"),
                ephemeral,
            ] {
                #expect(tree.apply(.create(create), by: client, at: time).isChange)
            }
        }
        #expect(tree.nodeCount == 4 + 5 * 24)
        tree.recorded.removeAll()
        _ = tree.apply(.closeSession, by: client, at: time)
        #expect(tree.nodeCount == 4 + 4 * 24)
        #expect(try records(of: tree).map(\.changes) == [[.sessionEnded(id: 1)]])
        let path = "/zookeeper/quota/0" + String(repeating: "n", count: 10_000)
        #expect(tree.node(path + "/zookeeper_stats")?.data == Array("count=1,bytes=0".utf8))
    }

    @Test func `data that a multi sets again and again are recorded once`() throws {
        var tree = ZNodeTree(isRecording: true)
        let sets = (0..<10).map { number in
            let data = [UInt8](repeating: UInt8(number), count: number)
            return MultiRequest.Operation.setData(.init(path: "/a", data: data, version: -1))
        }
        let multi = MultiRequest([.create(creation("/a", [1, 2, 3]))] + sets)
        _ = tree.apply(.multi(multi), by: client, at: time)
        let changes = try records(of: tree).first?.changes
        #expect(
            changes == [
                .created(
                    path: "/a",
                    kind: .persistent,
                    data: nil,
                    acl: ACL.openUnsafe,
                    parentCreations: 1
                ),
                .dataSet(path: "/a", owner: 0, data: [UInt8](repeating: 9, count: 9), version: 10),
            ]
        )
    }

    @Test func `a creation with the list for everyone takes its path and 29 bytes`() {
        var tree = ZNodeTree(isRecording: true)
        let path = "/" + String(repeating: "n", count: 199)
        _ = tree.apply(.create(creation(path, [1, 2, 3])), by: client, at: time)
        // Form 1, time 8, count 4; tag 1, length 4, kind 1, length 4, data 3, list 1, creations 4.
        #expect(tree.recorded.bytes.count == 200 + 13 + 15 + 3)
    }

    @Test func `a record refers to an identity by its number when it comes again`() throws {
        var tree = ZNodeTree(isRecording: true)
        let long = "joe:" + String(repeating: "x", count: 1_000)
        let caller = Caller(
            connection: ConnectionID(1),
            session: 1,
            identities: [Identity(scheme: "digest", id: long)]
        )
        let creations = (0..<100).map { number in
            let acl = [ACL(ACL.Permissions(rawValue: Int32(number)), scheme: "auth", id: "")]
            let create = CreateRequest(path: "/\(number)", data: nil, acl: acl, mode: .persistent)
            return MultiRequest.Operation.create(create)
        }
        _ = tree.apply(.multi(MultiRequest(creations)), by: caller, at: time)
        #expect(tree.recorded.bytes.count < 6_000)
        let record = try #require(try records(of: tree).first)
        guard case .created(_, _, _, let acl, _)? = record.changes.last else {
            Issue.record("\(record.changes.count) changes, none of which is a creation")
            return
        }
        let permissions = ACL.Permissions(rawValue: 99)
        #expect(acl == [ACL(permissions, scheme: "digest", id: long)])
    }

    @Test func `lists of 256 entries make no record that the log cannot hold`() throws {
        var tree = ZNodeTree(isRecording: true)
        let identities = (0..<64).map { Identity(scheme: "digest", id: "joe:\($0)") }
        let caller = Caller(connection: ConnectionID(1), session: 1, identities: identities)
        // Others come first, so that the numbers of those above take two bytes.
        let others = (0..<100).map { ACL(.read, scheme: "digest", id: "jim:\($0)") }
        let first = CreateRequest(path: "/0", data: nil, acl: others, mode: .persistent)
        let lists = (1...50).map { number in
            let acl = (0..<4).map {
                ACL(ACL.Permissions(rawValue: Int32(number * 4 + $0)), scheme: "auth", id: "")
            }
            let create = CreateRequest(path: "/\(number)", data: nil, acl: acl, mode: .persistent)
            return MultiRequest.Operation.create(create)
        }
        _ = tree.apply(.multi(MultiRequest([.create(first)] + lists)), by: caller, at: time)
        // A create of four `auth` has 91 bytes, so that there are 11,500 in a request: 6.6 MB.
        #expect((10_000..<50 * 570 + 6_000).contains(tree.recorded.bytes.count))
        var copy = ZNodeTree()
        var payload: [UInt8] = []
        tree.recorded.forEachRecord { _, bytes in payload = bytes.indices.map { bytes[$0] } }
        try copy.replay(zxid: 1, payload.span, now: Instant(nanoseconds: 0))
        expectAlike(TreeLikeness(copy), TreeLikeness(tree))
    }

    @Test func `records follow each other in one buffer`() throws {
        var tree = ZNodeTree(isRecording: true)
        for number in 0..<3 {
            _ = tree.apply(.create(creation("/\(number)")), by: client, at: time)
        }
        #expect(tree.recorded.entries.map(\.zxid) == [1, 2, 3])
        #expect(tree.recorded.entries.last?.end == tree.recorded.bytes.count)
        var all: [UInt8] = []
        tree.recorded.forEachRecord { _, payload in
            for index in payload.indices { all.append(payload[index]) }
        }
        #expect(all == tree.recorded.bytes)
    }
}
