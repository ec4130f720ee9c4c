import Testing
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct NetChangesTests {
    private static func created(
        _ path: String,
        _ kind: ZNodeKind = .persistent,
        creations: Int32 = 1
    ) -> TreeChange {
        let acl = ACL.openUnsafe
        return .created(path: path, kind: kind, data: [1], acl: acl, parentCreations: creations)
    }

    private func add(
        _ changes: [TreeChange],
        at zxid: Int64,
        to window: inout NetChanges
    ) throws(Contradiction) {
        var writer = ByteWriter()
        TreeTransaction(zxid: zxid, milliseconds: 5, changes: changes).encode(into: &writer)
        try window.add(zxid: zxid, writer.bytes.span)
    }

    private func change(_ path: String, in window: NetChanges) throws -> NetChange {
        let number = try #require((0..<window.paths.count).first { window.paths[$0] == path })
        return window.changes[number]
    }

    @Test func `what came and went is no row to add or to remove`() throws {
        var window = NetChanges()
        #expect(window.isEmpty)
        try add([Self.created("/a/b", creations: 9)], at: 5, to: &window)
        try add([.deleted(path: "/a/b", owner: 0)], at: 6, to: &window)
        #expect(!window.isEmpty)
        #expect(window.removals.isEmpty)
        #expect(window.additions.map { window.paths[$0] } == ["/a"])
        let parent = try change("/a", in: window)
        #expect(parent.fields == [.pzxid, .creations])
        #expect(parent.pzxid == 6)
        #expect(parent.creations == 9)
    }

    @Test func `a row that goes and comes back is removed and added`() throws {
        var window = NetChanges()
        try add([.deleted(path: "/a", owner: 7)], at: 5, to: &window)
        try add([Self.created("/a")], at: 6, to: &window)
        try add([.dataSet(path: "/a", owner: 0, data: nil, version: 1)], at: 7, to: &window)
        let node = try change("/a", in: window)
        #expect(node.stored == 7)
        #expect(node.state == .whole)
        #expect(node.owner == 0)
        #expect((node.czxid, node.mzxid, node.pzxid) == (6, 7, 6))
        #expect(node.data == nil)
        #expect(window.removals.map { window.paths[$0] } == ["/a"])
        #expect(window.additions.map { window.paths[$0] } == ["/", "/a"])
    }

    @Test func `a session that came and went takes its ephemerals with it`() throws {
        var window = NetChanges()
        try add([.sessionOpened(id: 3, timeoutMilliseconds: 9)], at: 1, to: &window)
        try add([Self.created("/p/e", .ephemeral(session: 3))], at: 2, to: &window)
        try add([.sessionEnded(id: 3)], at: 3, to: &window)
        #expect(try change("/p/e", in: window).state == .gone)
        #expect(try change("/p", in: window).pzxid == 3)
        #expect(window.sessions[3]?.endedAt == nil)
        #expect(window.lastOpened == 3)
    }

    @Test func `the first end of a session that the database knows is the one that counts there`()
        throws
    {
        var window = NetChanges()
        try add([.sessionEnded(id: 3)], at: 5, to: &window)
        try add([.sessionOpened(id: 3, timeoutMilliseconds: 9)], at: 6, to: &window)
        try add([.sessionEnded(id: 3)], at: 7, to: &window)
        #expect(window.sessions[3]?.endedAt == 5)
        #expect(window.sessions[3]?.isAlive == false)
    }

    @Test func `a window is full when its records have as many bytes as a segment`() throws {
        var window = NetChanges()
        let set = TreeChange.dataSet(
            path: "/a",
            owner: 0,
            data: [UInt8](repeating: 0, count: 1 << 20),
            version: 1
        )
        for zxid in 1...63 { try add([set], at: Int64(zxid), to: &window) }
        #expect(!window.isFull)
        try add([set], at: 64, to: &window)
        #expect(window.isFull)
        #expect(window.additions.count == 1)
    }

    @Test(arguments: [
        ([created("/a"), created("/a")], "znode /a is there already"),
        ([.deleted(path: "/a", owner: 0), .deleted(path: "/a", owner: 0)], "/a is not there"),
        (
            [.deleted(path: "/a", owner: 0), .counted(path: "/a", owner: 0, data: nil)],
            "/a is not there"
        ),
        (
            [created("/a"), .dataSet(path: "/a", owner: 1, data: nil, version: 1)],
            "/a is not there"
        ),
        ([.deleted(path: "/a", owner: 0), created("/a/b")], "znode /a/b is below none"),
        ([.deleted(path: "/", owner: 0)], "znode / is below none"),
        ([created("no slash")], "znode no slash is below none"),
        (
            [
                .sessionOpened(id: 255, timeoutMilliseconds: 1),
                .sessionOpened(id: 255, timeoutMilliseconds: 1),
            ], "session 0xff is there already"
        ),
        ([.sessionEnded(id: 1), .sessionEnded(id: 1)], "session 0x1 is over"),
        ([.sessionEnded(id: 1), created("/e", .ephemeral(session: 1))], "session 0x1 is over"),
    ])
    func `a record that cannot follow is named`(changes: [TreeChange], message: String) {
        var window = NetChanges()
        let error = #expect(throws: Contradiction.self) { try add(changes, at: 16, to: &window) }
        #expect(error?.description.hasPrefix("record 0x10 of the log: ") == true)
        #expect(error?.description.contains(message) == true)
    }

    @Test func `what is set last is what stays, and access lists stand once each`() throws {
        let reader = [ACL([.read], scheme: "digest", id: "a:b")]
        var window = NetChanges(expecting: 10)
        try add([Self.created("/a"), Self.created("/b")], at: 5, to: &window)
        try add([.dataSet(path: "/a", owner: 0, data: [7, 8], version: 1)], at: 6, to: &window)
        for zxid in Int64(7)...9 {
            let change = TreeChange.aclSet(path: "/a", owner: 0, acl: reader, version: 1)
            try add([change], at: zxid, to: &window)
            try add([Self.created("/c\(zxid)")], at: zxid, to: &window)
        }
        let first = try change("/a", in: window)
        #expect(first.data.map { Array(window.data[$0]) } == [7, 8])
        #expect(window.acls[first.acl] == reader)
        let second = try change("/b", in: window)
        #expect(second.data.map { Array(window.data[$0]) } == [1])
        #expect(window.acls == [ACL.openUnsafe, reader])
        #expect(window.acls[try change("/c9", in: window).acl] == ACL.openUnsafe)
    }

    @Test func `a parent that went with its child is missed at the end of a session`() throws {
        var window = NetChanges()
        try add([Self.created("/p/e", .ephemeral(session: 3))], at: 2, to: &window)
        try add([.dataSet(path: "/q/e", owner: 3, data: nil, version: 1)], at: 3, to: &window)
        try add([.deleted(path: "/p", owner: 0)], at: 4, to: &window)
        let error = #expect(throws: Contradiction.self) {
            try add([.sessionEnded(id: 3)], at: 5, to: &window)
        }
        #expect(error?.description.contains("znode /p/e is below none") == true)
    }

    @Test func `the parent of what a session had before hears of its end`() throws {
        var window = NetChanges()
        try add([.dataSet(path: "/q/e", owner: 3, data: nil, version: 1)], at: 3, to: &window)
        try add([.sessionEnded(id: 3)], at: 5, to: &window)
        #expect(try change("/q", in: window).pzxid == 5)
        window.loseChild("/r/e".utf8.span, at: 6)
        #expect(try change("/r", in: window).pzxid == 6)
    }

    @Test func `a path that is not UTF-8 is refused`() throws {
        var writer = ByteWriter()
        let change = TreeChange.deleted(path: "/abc", owner: 0)
        TreeTransaction(zxid: 5, milliseconds: 5, changes: [change]).encode(into: &writer)
        var bytes = writer.bytes
        let place = try #require(bytes.firstIndex(of: UInt8(ascii: "a")))
        bytes[place] = 0xff
        var window = NetChanges()
        let error = #expect(throws: Contradiction.self) {
            try window.add(zxid: 5, bytes.span)
        }
        #expect(error?.description.contains("offset \(place - 1)") == true)
    }

    @Test func `records out of order and bytes that are none are named`() throws {
        var window = NetChanges()
        try add([Self.created("/a")], at: 17, to: &window)
        let early = #expect(throws: Contradiction.self) {
            try add([Self.created("/b")], at: 16, to: &window)
        }
        #expect(early?.description == "record 0x10 of the log: it comes behind a later one")
        let unreadable = #expect(throws: Contradiction.self) {
            try window.add(zxid: 18, [1, 2].span)
        }
        #expect(unreadable?.description.contains("offset 1") == true)
    }
}
