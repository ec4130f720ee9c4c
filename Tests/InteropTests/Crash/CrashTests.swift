import Foundation
import Runtime
import TestSupport
import Testing
import ZooKeeperProtocol

/// `kill -9` of the real daemon at random moments, under concurrent sessions over the real protocol.
///
/// After each start everything that was answered has to be there, nothing else may be, nothing counts
/// backwards, living sessions are taken over with their ephemerals, and closed ones stay gone. This shows
/// what the process loses; what the machine loses in a power cut is the business of SimulationTests.
@Suite(.serialized, .timeLimit(.minutes(5 * Soak.factor))) struct CrashTests {
    private static let workers = 6
    private static let rounds = 60 * Soak.factor

    @Test func `what was answered outlives kill -9, and nothing else does`() async throws {
        var generator = Seed.generator(5)
        // The log is folded often, so that many crashes fall into that.
        let daemon = try CrashedDaemon(settings: ["registry.foldBytes=524288"])
        let board = CrashBoard()
        let threads = (0..<Self.workers).map { BlockingThread(name: "worker-\($0)") }
        defer { for thread in threads { thread.stop() } }
        try await daemon.start()
        try Self.prepare(daemon.port)
        let workers = (0..<Self.workers).map { number in
            Held(
                CrashWorker(
                    number: number,
                    port: daemon.port,
                    board: board,
                    seed: Seed.generator(UInt64(100 + number))
                )
            )
        }
        for round in 1...Self.rounds {
            try await Self.compare(workers, threads, board, daemon.port)
            try #require(board.faults == [], "round \(round)")
            let working = zip(workers, threads).map { worker, thread in
                Task { try await thread.run { try worker.value.work() } }
            }
            await Self.pass(Int.random(in: 20...250, using: &generator))
            await daemon.kill()
            for work in working { try await work.value }
            try #require(board.faults == [], "round \(round)")
            while Int.random(in: 0..<4, using: &generator) == 0 {
                // A start that is cut short must not cost anything either.
                try daemon.begin()
                await Self.pass(Int.random(in: 0...150, using: &generator))
                await daemon.kill()
            }
            try await daemon.start()
        }
        try await Self.compare(workers, threads, board, daemon.port)
        #expect(board.faults == [])
        let acknowledged = board.with { $0.acknowledged }
        #expect(acknowledged > 100 * Self.rounds)
        let start = daemon.errors.split(separator: "\n").first { $0.contains("changes replayed") }
        print(
            "crash: \(Self.rounds) rounds, \(acknowledged) answers kept; the last start: \(start ?? "")"
        )
        await daemon.kill()
    }

    /// A worker, handed from thread to thread but never used by two.
    private struct Held: @unchecked Sendable {
        let value: CrashWorker
        init(_ value: CrashWorker) { self.value = value }
    }

    /// Lets work go on for a while: the moment of a crash is no event that could be waited for.
    private static func pass(_ milliseconds: Int) async {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        _ = await eventually { ContinuousClock.now >= end }
    }

    private static func prepare(_ port: UInt16) throws {
        let client = try open(port)
        let paths =
            ["/crash", CrashWorker.queue, CrashWorker.register]
            + (0..<workers).map { "/crash/w\($0)" }
        let creates = paths.map { path in
            Request.create(CreateRequest(path: path, data: [], mode: .persistent))
        }
        let replies = try #require(try client.ask(creates + [.closeSession]))
        for reply in replies.dropLast() { _ = try reply.outcome.get() }
    }

    private static func open(_ port: UInt16) throws -> BlockingClient {
        let client = try #require(BlockingClient(port: port))
        let made = try client.handshake(ConnectRequest(timeoutMilliseconds: 40_000))
        try #require(made?.isRefusal == false)
        return client
    }

    /// Looks at everything, with all workers' sessions still as the crash has left them.
    private static func compare(
        _ workers: [Held],
        _ threads: [BlockingThread],
        _ board: CrashBoard,
        _ port: UInt16
    ) async throws {
        let client = try open(port)
        for (worker, thread) in zip(workers, threads) {
            let seen = try read(worker.value.folder, client)
            try await thread.run { try worker.value.compare(with: seen) }
        }
        try compareQueue(client, board)
        try compareRegister(client, board)
        _ = try client.ask([.closeSession])
    }

    private static func read(_ folder: String, _ client: BlockingClient) throws -> CrashModel.Seen {
        let (names, stat) = try list(folder, client)
        var seen = CrashModel.Seen(cversion: stat.cversion, pzxid: stat.pzxid)
        for (name, record) in try read(names, in: folder, client) {
            let owner = record.stat.ephemeralOwner
            seen.nodes[name] = CrashModel.Node(
                data: record.data ?? [],
                version: record.stat.version,
                isEphemeral: owner != 0,
                czxid: record.stat.czxid,
                mzxid: record.stat.mzxid
            )
            seen.owners[name] = owner
        }
        return seen
    }

    private static func list(
        _ folder: String,
        _ client: BlockingClient
    ) throws -> ([String], Stat) {
        let request = GetChildrenRequest(path: folder, watch: false)
        let replies = try #require(try client.ask([.getChildren2(request)]))
        guard case .children(let record) = try replies[0].outcome.get() else { return ([], .none) }
        return (record.children.sorted(), record.stat)
    }

    private static func read(
        _ names: [String],
        in folder: String,
        _ client: BlockingClient
    ) throws -> [(String, GetDataResponse)] {
        let requests = names.map { name in
            Request.getData(GetDataRequest(path: folder + "/" + name, watch: false))
        }
        let replies = try #require(try client.ask(requests))
        return try zip(names, replies).compactMap { name, reply in
            guard case .data(let record) = try reply.outcome.get() else { return nil }
            return (name, record)
        }
    }

    /// All entries are there under their numbers, without a gap, and each was asked for.
    private static func compareQueue(_ client: BlockingClient, _ board: CrashBoard) throws {
        let (names, stat) = try list(CrashWorker.queue, client)
        if stat.cversion != Int32(names.count) {
            board.fault("the queue has \(names.count) entries and cversion \(stat.cversion)")
        }
        // Those that were seen before are as they were; the others are looked at one by one.
        let seen = board.with { $0.seen }
        guard names.starts(with: seen) else {
            let there = Set(names)
            let lost = seen.filter { !there.contains($0) }
            let some = lost.prefix(5)
            board.fault("of \(seen.count) entries that were seen \(lost.count) are lost: \(some)")
            return
        }
        let new = Array(names.dropFirst(seen.count))
        for (number, name) in new.enumerated()
        where name != ZNodePath.sequential("q-", number: Int32(seen.count + number)) {
            board.fault("the queue has \(name) at place \(seen.count + number)")
        }
        let known = board.with { $0.entries }
        let there = Set(new)
        for name in known.keys where !there.contains(name) { board.fault("\(name) is lost") }
        let unknown = new.filter { known[$0] == nil }
        for (name, record) in try read(unknown, in: CrashWorker.queue, client) {
            let data = String(decoding: record.data ?? [], as: UTF8.self)
            let wasAskedFor = board.with { $0.doubtful.remove(data) != nil }
            if !wasAskedFor { board.fault("\(name) with \(data) was invented") }
        }
        board.with { ($0.seen, $0.entries) = (names, [:]) }
    }

    /// The register never goes back, and a new write is newer than everything anyone was shown.
    private static func compareRegister(_ client: BlockingClient, _ board: CrashBoard) throws {
        let highest = board.highestZxid
        let request = SetDataRequest(path: CrashWorker.register, data: [], version: -1)
        let replies = try #require(try client.ask([.setData(request)]))
        guard case .stat(let stat) = try replies[0].outcome.get() else { return }
        let seen = board.with { $0.registerVersion }
        if stat.version <= seen { board.fault("version \(stat.version) behind \(seen)") }
        if stat.mzxid <= highest { board.fault("zxid \(stat.mzxid) behind \(highest)") }
        board.with { $0.registerVersion = stat.version }
        board.saw(stat.mzxid)
    }
}

extension Stat {
    fileprivate static let none = Stat(
        czxid: 0,
        mzxid: 0,
        ctime: 0,
        mtime: 0,
        version: 0,
        cversion: 0,
        aversion: 0,
        ephemeralOwner: 0,
        dataLength: 0,
        numChildren: 0,
        pzxid: 0
    )
}
