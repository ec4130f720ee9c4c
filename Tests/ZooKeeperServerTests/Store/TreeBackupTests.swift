import Foundation
import ServiceModel
import Storage
import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct TreeBackupTests {
    private static let origin = TreeDatabase.State(
        zxid: 0x1_0000_0000,
        passwordKey: Array(0..<16)
    )
    private let directory: TemporaryDirectory
    private var file: String { directory.path + "/tree.db" }
    private var copy: String { directory.path + "/backup.db" }

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> TreeDatabase {
        try TreeDatabase(file, origin: Self.origin)
    }

    private static func fold(
        _ history: inout TreeHistory,
        steps: Int,
        into database: inout TreeDatabase
    ) throws {
        for _ in 0..<steps { history.step() }
        var window = NetChanges()
        var failure: Contradiction?
        history.takeRecords { zxid, payload in
            do throws(Contradiction) {
                try window.add(zxid: zxid, payload)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        let offset = database.state.position.offset + 1
        let position = LogPosition(segment: 1, offset: offset, batch: 0)
        try database.fold(window, upTo: position)
    }

    /// What a directory has in it, byte by byte.
    private func content() throws -> [String: Data] {
        var content: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            content[name] = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + name))
        }
        return content
    }

    @Test func `copies made while folding goes on are whole windows`() async throws {
        let file = file
        _ = try open()
        let folding = Task {
            var database = try TreeDatabase(file, origin: Self.origin)
            var history = TreeHistory(salt: 40)
            // A session that goes on with another timeout has no zxid of its own.
            var contents: [Int64: [TreeContent]] = [:]
            for _ in 0..<30 {
                try Self.fold(&history, steps: 15, into: &database)
                contents[history.tree.lastZxid, default: []].append(TreeContent(history.tree))
            }
            return contents
        }
        var copies: [String] = []
        for number in 0..<8 {
            copies.append("\(copy).\(number)")
            try TreeDatabase.copy(file, to: copies[number], in: Disk())
        }
        let contents = try await folding.value
        try TreeDatabase.copy(file, to: copy, in: Disk())
        var last: Int64 = 0
        for copy in copies + [copy] {
            let state = try TreeDatabase.check(copy)
            #expect(state.zxid >= last)
            last = state.zxid
            guard state.zxid > Self.origin.zxid else { continue }
            let loaded = try TreeDatabase(copy, origin: Self.origin)
                .load(now: Instant(nanoseconds: 0))
            let content = TreeContent(loaded)
            #expect(contents[state.zxid]?.contains(content) == true, "\(content)")
        }
        #expect(last == contents.keys.max())
    }

    @Test func `a restored tree has no sessions, and its numbers go on`() throws {
        var history = TreeHistory(salt: 41)
        do {
            var database = try open()
            for _ in 0..<400 { history.step() }
            for _ in 0..<1_000 where history.tree.ephemeralNodeCount == 0 { history.step() }
            try Self.fold(&history, steps: 0, into: &database)
        }
        let before = TreeContent(history.tree)
        #expect(before.sessions.joined().contains { $0.hasPrefix("/") })
        try TreeDatabase.copy(file, to: copy, in: Disk())
        let target = directory.path + "/restored.db"
        let zxid = before.zxid + 0x1_0000_0000
        let origin = TreeDatabase.State(zxid: zxid, passwordKey: [UInt8](repeating: 9, count: 16))
        let count = try TreeDatabase.restore(copy, to: target, origin: origin, in: Disk())
        let kept = before.nodes.filter { node in
            if case .ephemeral = node.kind { false } else { true }
        }
        #expect(count == kept.count)
        #expect(count < before.nodes.count)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.filter { $0.hasPrefix("restored") } == ["restored.db"])
        let database = try TreeDatabase(target, origin: Self.origin)
        #expect(database.state.zxid == zxid)
        #expect(database.state.position == .start)
        #expect(database.state.passwordKey == origin.passwordKey)
        #expect(try database.state.lastSession == TreeDatabase.check(copy).lastSession)
        let after = try TreeContent(database.load(now: Instant(nanoseconds: 0)))
        #expect(after.nodes == kept)
        #expect(after.sessions.isEmpty)
    }

    @Test func `nothing is restored over what is there, from below, or from what is damaged`()
        throws
    {
        do { _ = try open() }
        try TreeDatabase.copy(file, to: copy, in: Disk())
        var origin = TreeDatabase.State(zxid: .max, passwordKey: Self.origin.passwordKey)
        let before = try content()
        func refusal(_ source: String, _ target: String) -> StorageError? {
            #expect(throws: StorageError.self) {
                _ = try TreeDatabase.restore(source, to: target, origin: origin, in: Disk())
            }
        }
        #expect(refusal(copy, file)?.message.contains("is there already") == true)
        let log = directory.path + "/other.db-wal"
        try Data().write(to: URL(fileURLWithPath: log))
        #expect(refusal(copy, directory.path + "/other.db")?.path == log)
        try FileManager.default.removeItem(atPath: log)
        let target = directory.path + "/new.db"
        #expect(refusal(directory.path + "/none.db", target)?.code == .notFound)
        origin.zxid = 1
        #expect(refusal(copy, target)?.message.contains("zxid") == true)
        #expect(try content() == before)
        origin.zxid = .max
        try Data(repeating: 1, count: 50_000).write(to: URL(fileURLWithPath: copy))
        #expect(refusal(copy, target)?.code == .damaged)
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test(arguments: [
        ("PRAGMA user_version=2", StorageError.Code.unknownFormat, "format 2"),
        ("PRAGMA application_id=1", .unknownFormat, "another program's"),
        ("DELETE FROM state", .damaged, "`state`"),
        ("UPDATE state SET znodes = 99", .damaged, "counted 99"),
        ("UPDATE state SET znodes = -1", .damaged, "`state`"),
        ("UPDATE state SET offset = 9223372036854775807", .damaged, "`state`"),
        ("UPDATE state SET segment = 4294967296", .damaged, "`state`"),
        ("UPDATE state SET last_session = 9223372036854775807", .damaged, "`state`"),
        ("UPDATE state SET zxid = 9223372036854775807", .damaged, "`state`"),
        ("UPDATE state SET password_key = x'00'", .damaged, "`state`"),
        ("DELETE FROM acl", .damaged, "'/'"),
        ("UPDATE acl SET text = 'nonsense' WHERE id = 1", .damaged, "'nonsense'"),
        ("UPDATE znode SET kind = 7 WHERE path = '/zookeeper'", .damaged, "'/zookeeper'"),
        ("UPDATE znode SET path = '/x/y' WHERE path = '/zookeeper/quota'", .damaged, "/x/y"),
        ("UPDATE znode SET version = 5000000000 WHERE path = '/'", .damaged, "'/'"),
        ("UPDATE znode SET czxid = 9000000000 WHERE path = '/'", .damaged, "czxid"),
        ("INSERT INTO session VALUES(0, 5)", .damaged, "session 0x0"),
    ])
    func `what is wrong is named, and no start changes the file`(
        damage: String,
        code: StorageError.Code,
        text: String
    ) throws {
        do { _ = try open() }
        do { try Database(file, for: .writing).execute(damage) }
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        for attempt in [
            { _ = try TreeDatabase.check(file) },
            { _ = try open().load(now: Instant(nanoseconds: 0)) },
        ] {
            let error = #expect(throws: StorageError.self) { try attempt() }
            #expect(error?.code == code)
            #expect(error?.path == file)
            #expect(error?.message.contains(text) == true, "\(String(describing: error))")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }

    @Test func `the sqlite3 tool reads the tree while it is open`() async throws {
        let tool = try await Program.run(["sh", "-c", "command -v sqlite3"])
        guard tool.status == 0 else {
            print("skipped: there is no sqlite3 on this machine")
            return
        }
        var history = TreeHistory(salt: 42)
        var database = try open()
        try Self.fold(&history, steps: 200, into: &database)
        let query = """
            SELECT path, text FROM znode JOIN acl ON acl.id = znode.acl
            WHERE path IN ('/', '/zookeeper/config') ORDER BY path
            """
        let outcome = try await Program.run(["sqlite3", "-readonly", file, query])
        #expect(outcome.errors == "")
        #expect(outcome.output == "/|world:anyone:cdrwa\n/zookeeper/config|world:anyone:r\n")
        try Self.fold(&history, steps: 50, into: &database)
        let count = try await Program.run(["sqlite3", file, "SELECT count(*) FROM znode"])
        #expect(count.output == "\(history.tree.nodeCount)\n")
    }
}
