import ServiceModel
import Storage
import Synchronization
import TestSupport
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// The store's threads on the machine's own files: log, segments and `tree.db` together.
@Suite struct RegistryStoreTests {
    /// What the store told, as the registry would hear it.
    private final class News: Sendable {
        struct State {
            var zxid: Int64 = 0
            var limit = 0
            /// Bytes handed over.
            var given = 0
            var faults: [String] = []
        }
        let state = Mutex(State())

        func hear(_ news: StoreNews) {
            state.withLock { state in
                switch news {
                case .progress(let progress):
                    (state.zxid, state.limit) = (progress.zxid, progress.limit)
                case .noRoom(let error), .notFolded(let error), .failed(let error):
                    state.faults.append("\(error)")
                case .roomAgain: break
                }
            }
        }
    }

    private let directory: TemporaryDirectory
    private let time = UnixTime(milliseconds: 7)
    private let now = Instant(nanoseconds: 0)

    init() throws { directory = try TemporaryDirectory() }

    private var configuration: StoreConfiguration {
        StoreConfiguration(
            directory: directory.path + "/registry",
            segmentBytes: 64 << 10,
            foldBytes: 150_000
        )
    }

    private func open() throws -> OpenedStore {
        try OpenedStore(
            configuration,
            files: Disk(),
            firstZxid: 100,
            newKey: (1, 2),
            now: now
        ) { _ in }
    }

    private func nodes(_ tree: borrowing ZNodeTree) -> [String: ZNodeAtRest] {
        var nodes: [String: ZNodeAtRest] = [:]
        tree.forEachNode { nodes[$0.path] = $0 }
        return nodes
    }

    @Test func `a store is what the tree was, over folds, segments and starts`() async throws {
        var expected: [String: ZNodeAtRest]?
        for round in 1...3 {
            let opened = try open()
            #expect(opened.passwordKey == (1, 2))
            var tree = ZNodeTree()
            let parts = opened.split { tree = $0 }
            if let expected { #expect(nodes(tree) == expected) }
            let news = News()
            let store = RegistryStore(
                parts,
                configuration: configuration,
                files: Disk()
            ) { news.hear($0) }
            try await change(&tree, store, news, round)
            expected = nodes(tree)
            #expect(news.state.withLock { $0.faults } == [])
            store.stop()
            // What `tree.db` has is not kept twice.
            let names = try Disk().names(in: configuration.directory)
            #expect(names.count { $0.hasSuffix(".log") } < 12)
        }
        let last = try open()
        #expect(last.highestSession >= 3)
        #expect(nodes(last.tree) == expected)
    }

    @Test func `a start that is refused leaves all files as they are`() async throws {
        var tree = ZNodeTree()
        let parts = try open().split { tree = $0 }
        let news = News()
        let store = RegistryStore(parts, configuration: configuration, files: Disk()) {
            news.hear($0)
        }
        try await change(&tree, store, news, 1)
        // As a kill leaves it: what was committed is in the write-ahead log alone.
        // Behind any fold that is still going on, which would change what is copied.
        _ = try await store.backUp(to: directory.path + "/backup.db")
        var copy = try TemporaryDirectory()
        // A segment that is being reserved gets another name meanwhile.
        let isCopied = await eventually {
            do {
                copy = try TemporaryDirectory()
                let words = ["cp", "-r", configuration.directory, copy.path]
                return try await Program.run(words).status == 0
            } catch {
                return false
            }
        }
        #expect(isCopied)
        store.stop()
        let folder = copy.path + "/registry"
        let log = try #require(
            try Disk().names(in: folder).filter { $0.hasSuffix(".log") }.sorted().first
        )
        let file = try Disk().open(folder + "/" + log, for: .writing)
        try Disk().write([0xff].span, at: 11, of: file)
        Disk().close(file)
        func content() async throws -> String {
            // The index of the write-ahead log is made anew by whoever opens it.
            let command = "cd \(folder) && sha256sum *.log tree.db tree.db-wal"
            return try await Program.run(["sh", "-c", command]).output
        }
        let before = try await content()
        #expect(before.contains("tree.db-wal"))
        var refused = configuration
        refused.directory = folder
        let error = #expect(throws: StorageError.self) {
            _ = try OpenedStore(
                refused,
                files: Disk(),
                firstZxid: 100,
                newKey: (1, 2),
                now: now
            ) { _ in }
        }
        #expect(error?.code == .unknownFormat)
        #expect(try await content() == before)
    }

    /// A few thousand changes: some 600,000 bytes of the log, so that it is folded several times.
    private func change(
        _ tree: inout ZNodeTree,
        _ store: RegistryStore,
        _ news: News,
        _ round: Int
    ) async throws {
        let session = Int64(round)
        try #require(tree.createSession(session, timeout: .seconds(4), now: now) != nil)
        let caller = Caller(connection: ConnectionID(1), session: session)
        for number in 0..<2_500 {
            let mode: CreateMode = number % 3 == 0 ? .ephemeral : .persistent
            let name = "/n\(round)-\(number)-" + String(repeating: "x", count: 150)
            let request = CreateRequest(path: name, data: [1, 2, 3], mode: mode)
            _ = tree.apply(.create(request), by: caller, at: time)
            if number % 5 == 0 {
                _ = tree.apply(.delete(DeleteRequest(path: name, version: 0)), by: caller, at: time)
            }
            if number % 50 == 49 { try await makeDurable(&tree, store, news) }
        }
        if round == 2 { _ = tree.apply(.closeSession, by: caller, at: time) }
        try await makeDurable(&tree, store, news)
    }

    private func makeDurable(
        _ tree: inout ZNodeTree,
        _ store: RegistryStore,
        _ news: News
    ) async throws {
        var records = LogBatch()
        tree.recorded.forEachRecord { zxid, payload in records.append(payload, zxid: zxid) }
        tree.recorded.removeAll()
        let bytes = records.byteCount
        // As the engine does it, which makes no change that there is no room for.
        try #require(await eventually { news.state.withLock { $0.limit - $0.given } >= bytes })
        news.state.withLock { $0.given += bytes }
        store.append(&records)
        let zxid = tree.lastZxid
        try #require(await eventually { news.state.withLock { $0.zxid } == zxid })
    }
}
