import ServiceModel
import Storage
import TestSupport
import Wire
import ZNodeTree
import ZooKeeperProtocol
import ZooKeeperServer

extension Benchmark {
    static let fold = Benchmark(
        name: "fold",
        summary: "windows of the log folded into the tree at rest, names of 200 bytes, CPU a znode"
    ) {
        let count = 200_000
        var bench = try FoldBench(sessions: 100)
        try bench.start()
        var figures: [Figure] = []
        func measure(
            _ what: String,
            bar: Double? = nil,
            _ change: (inout FoldBench, Int) -> [TreeChange]
        ) throws {
            let records = (0..<count).map { number in
                bench.record(change(&bench, number))
            }
            figures += try bench.fold(records, what, bar: bar)
        }
        try measure("ephemeral created", bar: 6) { bench, number in [bench.creation(number)] }
        try measure("data set at random") { bench, number in
            let other = number &* 7_919 % count
            let owner = bench.owner(other)
            return [.dataSet(path: bench.path(other), owner: owner, data: [1], version: 1)]
        }
        try measure("ephemeral came and went", bar: 2.5) { bench, number in
            let path = bench.path(-number - 1)
            return [
                bench.creation(-number - 1), .deleted(path: path, owner: bench.owner(-number - 1)),
            ]
        }
        figures.append(try bench.load())
        try measure("session's end, a znode") { bench, number in
            number < 100 ? [.sessionEnded(id: bench.owner(number))] : []
        }
        return figures
    }
}

/// A tree at rest, and records for it.
private struct FoldBench: ~Copyable {
    private let directory: TemporaryDirectory
    private var database: TreeDatabase
    private let sessions: Int
    private var zxid: Int64 = 0
    private var windows = 0

    init(sessions: Int) throws {
        let directory = try TemporaryDirectory()
        let key = [UInt8](repeating: 7, count: TreeDatabase.passwordKeyBytes)
        let origin = TreeDatabase.State(zxid: 0, passwordKey: key)
        let database = try TreeDatabase(directory.path + "/tree.db", origin: origin)
        (self.directory, self.sessions) = (directory, sessions)
        self.database = database
    }

    mutating func start() throws {
        let opening = (0..<sessions).map { number in
            TreeChange.sessionOpened(id: owner(number), timeoutMilliseconds: 30_000)
        }
        let parent = TreeChange.created(
            path: "/bench",
            kind: .persistent,
            data: nil,
            acl: ACL.openUnsafe,
            parentCreations: 1
        )
        _ = try fold([record(opening + [parent])], "start")
    }

    func owner(_ number: Int) -> Int64 { Int64(abs(number % sessions) + 1) << 32 }

    /// In no order of the numbers.
    func path(_ number: Int) -> String {
        let mixed = UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15
        let digits = String(mixed, radix: 16)
        return "/bench/" + digits + String(repeating: "n", count: 200 - digits.utf8.count)
    }

    func creation(_ number: Int) -> TreeChange {
        .created(
            path: path(number),
            kind: .ephemeral(session: owner(number)),
            data: Array("hello, world".utf8),
            acl: ACL.openUnsafe,
            parentCreations: 1
        )
    }

    mutating func record(_ changes: [TreeChange]) -> (zxid: Int64, payload: [UInt8]) {
        zxid += 1
        var writer = ByteWriter()
        TreeTransaction(zxid: zxid, milliseconds: 1, changes: changes).encode(into: &writer)
        return (zxid, writer.bytes)
    }

    mutating func fold(
        _ records: [(zxid: Int64, payload: [UInt8])],
        _ what: String,
        bar: Double? = nil
    ) throws -> [Figure] {
        let start = threadCPUNanoseconds()
        var window = NetChanges(expecting: records.reduce(0) { $0 + $1.payload.count })
        for record in records { try window.add(zxid: record.zxid, record.payload.span) }
        let added = threadCPUNanoseconds()
        windows += 1
        try database.fold(window, upTo: LogPosition(segment: 1, offset: windows, batch: 0))
        let end = threadCPUNanoseconds()
        let count = Double(records.count) * 1_000
        return [
            Figure("\(what), in memory", Double(added - start) / count, "us"),
            Figure("\(what), all told", Double(end - start) / count, "us", bar: bar),
        ]
    }

    func load() throws -> Figure {
        let start = threadCPUNanoseconds()
        let tree = try database.load(now: Instant(nanoseconds: 0))
        let time = Double(threadCPUNanoseconds() - start)
        return Figure("znode loaded", time / Double(tree.nodeCount) / 1_000, "us", bar: 2.5)
    }
}
