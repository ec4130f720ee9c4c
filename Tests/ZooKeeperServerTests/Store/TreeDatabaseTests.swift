import Foundation
import ServiceModel
import Storage
import TestSupport
import Testing
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct TreeDatabaseTests {
    private static let origin = TreeDatabase.State(
        zxid: 0x1_0000_0000,
        passwordKey: Array(0..<16)
    )
    private let directory: TemporaryDirectory
    private var file: String { directory.path + "/tree.db" }

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> TreeDatabase {
        try TreeDatabase(file, origin: Self.origin)
    }

    private func position(_ offset: Int) -> LogPosition {
        LogPosition(segment: 1, offset: offset, batch: 7)
    }

    /// The records that a history leaves in so many steps.
    private func window(
        _ history: inout TreeHistory,
        steps: Int
    ) throws -> NetChanges {
        for _ in 0..<steps { history.step() }
        var window = NetChanges()
        var failure: Contradiction?
        history.takeRecords { zxid, payload in
            do throws(Contradiction) {
                try window.add(zxid: zxid, payload)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return window
    }

    private func expectSame(
        _ database: borrowing TreeDatabase,
        _ history: borrowing TreeHistory,
        _ comment: Comment
    ) throws {
        let loaded = try database.load(now: Instant(nanoseconds: 0))
        let (left, right) = (TreeContent(loaded), TreeContent(history.tree))
        #expect(left.zxid == right.zxid, comment)
        #expect(left.sessions == right.sessions, comment)
        #expect(left.nodes.map(\.path) == right.nodes.map(\.path), comment)
        let difference = zip(left.nodes, right.nodes).first { $0 != $1 }
        #expect(difference?.0 == difference?.1, comment)
        #if DEBUG
        loaded.checkInvariants()
        #endif
    }

    @Test func `what is loaded after folds at any places is the tree that recorded`() throws {
        for salt in 0..<UInt64(8 * Soak.factor) {
            var random = Seed.generator(1_000 + salt)
            var history = TreeHistory(salt: salt)
            let path = directory.path + "/\(salt).db"
            var database = try TreeDatabase(path, origin: Self.origin)
            for round in 1...12 {
                let steps = [0, 1, 3, 10, 60].randomElement(using: &random) ?? 0
                let window = try window(&history, steps: steps)
                try database.fold(window, upTo: position(round))
                #expect(database.state.position == position(round))
                if round % 4 == 0 { database = try TreeDatabase(path, origin: Self.origin) }
                try expectSame(database, history, "salt \(salt), round \(round)")
            }
            _ = try TreeDatabase.check(path)
        }
    }

    @Test func `a new database is a new tree, and keeps what it began with`() throws {
        do {
            let database = try open()
            #expect(database.state.zxid == Self.origin.zxid)
            #expect(database.state.position == .start)
        }
        let other = TreeDatabase.State(zxid: 9, passwordKey: [UInt8](repeating: 1, count: 16))
        let database = try TreeDatabase(file, origin: other)
        #expect(database.state.passwordKey == Array(0..<16))
        #expect(database.state.zxid == Self.origin.zxid)
        let loaded = try database.load(now: Instant(nanoseconds: 0))
        #expect(TreeContent(loaded) == TreeContent(ZNodeTree(zxid: Self.origin.zxid)))
    }

    @Test func `the place, the batch and the last session come back`() throws {
        var history = TreeHistory(salt: 1)
        do {
            var database = try open()
            try database.fold(try window(&history, steps: 0), upTo: position(77))
        }
        let database = try open()
        #expect(database.state.position == position(77))
        #expect(database.state.position.batch == 7)
        #expect(database.state.lastSession == 5)
        #expect(database.state.zxid == history.tree.lastZxid)
    }

    @Test func `what came and went leaves no row, and its parent's numbers stay`() throws {
        var database = try open()
        let before = database.state.znodes
        var tree = ZNodeTree(zxid: Self.origin.zxid, isRecording: true)
        _ = tree.createSession(1, timeout: .seconds(1), now: Instant(nanoseconds: 0))
        let caller = Caller(connection: ConnectionID(1), session: 1)
        let create = CreateRequest(path: "/e", data: [1], mode: .ephemeralSequential)
        let time = UnixTime(milliseconds: 1)
        for _ in 0..<3 { _ = tree.apply(.create(create), by: caller, at: time) }
        _ = tree.apply(.closeSession, by: caller, at: time)
        var window = NetChanges()
        tree.recorded.forEachRecord { zxid, payload in try? window.add(zxid: zxid, payload) }
        try database.fold(window, upTo: position(1))
        #expect(database.state.znodes == before)
        let rows = "SELECT creations FROM znode WHERE path = '/' AND pzxid = \(tree.lastZxid)"
        #expect(try database.database.integer(rows) == 3)
        #expect(try database.database.integer("SELECT count(*) FROM session") == 0)
    }

    @Test func `a fold that fails leaves the place and the rows as they were`() throws {
        var database = try open()
        var history = TreeHistory(salt: 2)
        try database.fold(try window(&history, steps: 100), upTo: position(1))
        let before = try TreeContent(database.load(now: Instant(nanoseconds: 0)))
        // The window in between is missing.
        var lost = NetChanges()
        let transaction = TreeTransaction(
            zxid: history.tree.lastZxid + 5,
            milliseconds: 1,
            changes: [
                .sessionOpened(id: 99, timeoutMilliseconds: 5),
                .deleted(path: "/not there", owner: 0),
            ]
        )
        var writer = ByteWriter()
        transaction.encode(into: &writer)
        try lost.add(zxid: transaction.zxid, writer.bytes.span)
        let error = #expect(throws: StorageError.self) {
            try database.fold(lost, upTo: position(2))
        }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("'/not there'") == true)
        #expect(database.state.position == position(1))
        #expect(try TreeContent(database.load(now: Instant(nanoseconds: 0))) == before)
        try database.fold(try window(&history, steps: 100), upTo: position(2))
        try expectSame(database, history, "after it")
    }
}
