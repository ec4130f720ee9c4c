import CSQLite
import Storage
import TestSupport
import Testing

/// SQLite on a simulated disk keeps what it committed, whenever the power is cut.
@Suite struct SimulatedVFSTests {
    /// A connection, closed with the value.
    @safe
    private final class Connection {
        private let vfs: SimulatedVFS
        private var handle: OpaquePointer?

        init(_ disk: SimulatedDisk) throws {
            vfs = SimulatedVFS(disk, seed: 1)
            let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            let result = unsafe sqlite3_open_v2("/d/tree.db", &handle, flags, vfs.name)
            try #require(result == SQLITE_OK)
        }

        deinit { unsafe sqlite3_close_v2(handle) }

        func run(_ text: String) -> Int32 { unsafe sqlite3_exec(handle, text, nil, nil, nil) }

        func prepare() -> Bool {
            let modes = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
            return run(modes + "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4") == SQLITE_OK
        }

        func integers(_ query: String) -> [Int64]? {
            var statement: OpaquePointer?
            defer { unsafe sqlite3_finalize(statement) }
            guard unsafe sqlite3_prepare_v2(handle, query, -1, &statement, nil) == SQLITE_OK else {
                return nil
            }
            var rows: [Int64] = []
            while true {
                switch unsafe sqlite3_step(statement) {
                case SQLITE_ROW: unsafe rows.append(sqlite3_column_int64(statement, 0))
                case SQLITE_DONE: return rows
                default: return nil
                }
            }
        }
    }

    private static func disk() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        try disk.makeDirectory("/d")
        try disk.syncDirectory("/")
        return disk
    }

    @Test func `a database is read as it was written, by the next process too`() throws {
        let disk = try Self.disk()
        do {
            let first = try Connection(disk)
            #expect(first.prepare())
            let statements = "CREATE TABLE t(n INTEGER); INSERT INTO t VALUES (1), (2)"
            #expect(first.run(statements) == SQLITE_OK)
            #expect(first.integers("SELECT n FROM t ORDER BY n") == [1, 2])
        }
        #expect(disk.openCount == 0)
        let second = try Connection(SimulatedDisk(disk.state, seed: 2))
        #expect(second.prepare())
        #expect(second.integers("SELECT n FROM t ORDER BY n") == [1, 2])
    }

    @Test func `a full disk and a failed sync are said to SQLite`() throws {
        let disk = try Self.disk()
        let connection = try Connection(disk)
        #expect(connection.prepare())
        #expect(connection.run("CREATE TABLE t(n)") == SQLITE_OK)
        disk.capacity = disk.state.usedBytes
        let insert = "INSERT INTO t SELECT zeroblob(5000) FROM pragma_function_list LIMIT 200"
        #expect(connection.run(insert) & 0xff == SQLITE_FULL)
        disk.capacity = nil
        #expect(connection.run("INSERT INTO t VALUES (1)") == SQLITE_OK)
        disk.judge = { _, operation in if case .sync = operation { .fail } else { .proceed } }
        #expect(connection.run("INSERT INTO t VALUES (2)") & 0xff == SQLITE_IOERR)
    }

    /// The proof of the disk itself: SQLite is known to be right, so it must pass, and it fails without its syncs.
    @Test(arguments: [false, true])
    func `what SQLite committed survives a power cut, if its syncs do something`(
        _ isWithoutSync: Bool
    ) throws {
        var (points, losses) = (0, 0)
        for seed in 0..<2 {
            let disk = try Self.disk()
            var committed: Int64 = 0
            var random = Seed.generator(UInt64(seed))
            disk.judge = { disk, operation in
                if committed > 0 {
                    for kind in Loss.Kind.allCases {
                        let loss = Loss(kind, seed: random.next())
                        points += 1
                        if !Self.isKept(committed, disk.state.afterPowerCut(loss)) { losses += 1 }
                    }
                }
                if case .sync = operation, isWithoutSync { return .pretend }
                return .proceed
            }
            let connection = try Connection(disk)
            #expect(connection.prepare())
            #expect(connection.run("CREATE TABLE t(n INTEGER PRIMARY KEY, b)") == SQLITE_OK)
            try disk.syncDirectory("/d")
            for number in 1...12 {
                let insert = "BEGIN; INSERT INTO t VALUES (\(2 * number), zeroblob(900));"
                let more = "INSERT INTO t VALUES (\(2 * number + 1), zeroblob(90)); COMMIT"
                #expect(connection.run(insert + more) == SQLITE_OK)
                committed = Int64(2 * number + 1)
            }
        }
        print("simulated disk under SQLite: \(points) power cuts, \(losses) losses")
        #expect(points > 500)
        #expect(isWithoutSync ? losses > 0 : losses == 0)
    }

    private static func isKept(_ committed: Int64, _ state: DiskState) -> Bool {
        guard let connection = try? Connection(SimulatedDisk(state, seed: 3)),
            connection.prepare(), let rows = connection.integers("SELECT n FROM t ORDER BY n")
        else { return false }
        // All that was committed, and of the one after that all or nothing.
        return rows == Array(2..<committed + 1) || rows == Array(2..<committed + 3)
    }
}
