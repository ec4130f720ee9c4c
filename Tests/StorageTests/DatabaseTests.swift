import Foundation
import Storage
import TestSupport
import Testing

@Suite struct DatabaseTests {
    private static let format = DatabaseFormat(
        applicationID: 0x1234,
        name: "a test's database",
        steps: ["CREATE TABLE pair(name TEXT PRIMARY KEY, value BLOB) STRICT"]
    )
    private let directory: TemporaryDirectory
    private var file: String { directory.path + "/test.db" }

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ format: DatabaseFormat = Self.format) throws -> Database {
        let database = try Database(file, for: .writing)
        try database.use(format)
        return database
    }

    /// What a directory has in it, byte by byte.
    private func content() throws -> [String: Data] {
        var content: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            content[name] = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + name))
        }
        return content
    }

    @Test func `what was committed is there after it is opened again`() throws {
        do {
            let database = try Database(file, for: .writing)
            try database.use(Self.format)
            var insert = try database.prepare("INSERT INTO pair VALUES(?1, ?2)")
            try database.transaction { () throws(StorageError) in
                try insert.run(text: Array("a".utf8).span, blob: [0, 1, 0].span)
                try insert.run(text: Array("b".utf8).span, blob: Span())
                insert.bindNull(at: 2)
                try insert.run(text: Array("c".utf8).span)
            }
            #expect(database.changes == 1)
        }
        let database = try Database(file, for: .writing)
        try database.use(Self.format) { Issue.record("filled again") }
        var rows = try database.prepare("SELECT name, value FROM pair ORDER BY name")
        var seen: [String] = []
        while try rows.step() {
            let value = rows.blob(1).map { "\($0)" } ?? "null"
            seen.append("\(try rows.text(0) ?? "") \(value)")
        }
        #expect(seen == ["a [0, 1, 0]", "b []", "c null"])
        var one = try database.prepare("SELECT length(value) FROM pair WHERE name = ?1")
        #expect(try one.integer(text: Array("a".utf8).span) == 3)
        #expect(try one.integer(text: Array("x".utf8).span) == nil)
    }

    @Test func `a transaction that throws leaves nothing behind`() throws {
        let database = try open()
        #expect(throws: StorageError.self) {
            try database.transaction { () throws(StorageError) in
                try database.execute("INSERT INTO pair VALUES('a', NULL)")
                try database.execute("INSERT INTO pair VALUES('a', NULL)")
            }
        }
        #expect(try database.integer("SELECT count(*) FROM pair") == 0)
        try database.transaction { () throws(StorageError) in
            try database.execute("INSERT INTO pair VALUES('a', NULL)")
        }
        #expect(try database.integer("SELECT count(*) FROM pair") == 1)
    }

    @Test func `the file is its owner's alone, and what is committed is synced`() throws {
        let database = try open()
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(FileManager.default.fileExists(atPath: file + "-wal"))
        #expect(try database.integer("PRAGMA synchronous") == 2)
        #expect(try database.integer("PRAGMA wal_autocheckpoint") == 0)
        #expect(try database.integer("PRAGMA page_size") == 16_384)
    }

    @Test func `a new file has its first rows or no tables`() throws {
        let refusal = StorageError(.failed, file, "no")
        #expect(throws: refusal) {
            try Database(file, for: .writing).use(Self.format) { () throws(StorageError) in
                throw refusal
            }
        }
        let database = try Database(file, for: .writing)
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema") == 0)
        try database.use(Self.format) { () throws(StorageError) in
            try database.execute("INSERT INTO pair VALUES('first', NULL)")
        }
        #expect(try database.integer("SELECT count(*) FROM pair") == 1)
    }

    @Test func `who opened it for reading changes nothing`() throws {
        let database = try open()
        let reader = try Database(file, for: .reading)
        #expect(throws: StorageError.self) { try reader.execute("DELETE FROM pair") }
        try database.execute("INSERT INTO pair VALUES('a', NULL)")
    }

    @Test func `another program reads while the database is open`() throws {
        let database = try open()
        try database.execute("INSERT INTO pair VALUES('here', x'00')")
        let reader = try Database(file, for: .reading)
        try reader.require(Self.format)
        #expect(try reader.integer("SELECT count(*) FROM pair") == 1)
        // In the middle of a change it sees what was before.
        try database.transaction { () throws(StorageError) in
            try database.execute("INSERT INTO pair VALUES('there', x'00')")
            #expect(try reader.integer("SELECT count(*) FROM pair") == 1)
        }
        #expect(try reader.integer("SELECT count(*) FROM pair") == 2)
        try database.checkpoint()
    }

    @Test func `a file of nobody else is opened where the access is for one alone`() throws {
        let alone = Database.Access(sharing: .none)
        let database = try Database(file, for: .writing, access: alone)
        try database.use(Self.format)
        try database.execute("INSERT INTO pair VALUES('a', NULL)")
        #expect(!FileManager.default.fileExists(atPath: file + "-shm"))
    }

    @Test func `a later version is named and left as it is`() throws {
        do {
            let later = DatabaseFormat(
                applicationID: 0x1234,
                name: "a test's database",
                steps: Self.format.steps + ["CREATE TABLE more(x INTEGER) STRICT"]
            )
            try Database(file, for: .writing).use(later)
        }
        let before = try content()
        let error = #expect(throws: StorageError.self) { _ = try open() }
        #expect(error?.code == .unknownFormat)
        #expect(error?.path == file)
        #expect(error?.message.contains("format 2") == true)
        #expect(try content() == before)
    }

    @Test func `an older version is brought up to the present one`() throws {
        do { _ = try open() }
        let later = DatabaseFormat(
            applicationID: 0x1234,
            name: "a test's database",
            steps: Self.format.steps + ["CREATE TABLE more(x INTEGER) STRICT"]
        )
        let database = try Database(file, for: .writing)
        try database.use(later) { Issue.record("filled again") }
        #expect(try database.integer("SELECT count(*) FROM more") == 0)
        try database.require(later)
    }

    @Test(arguments: ["PRAGMA journal_mode=WAL;", ""])
    func `another program's database is named and left as it is`(journal: String) throws {
        do {
            let other = try Database(file, for: .writing)
            try other.execute(journal + "CREATE TABLE theirs(x)")
        }
        let before = try content()
        for purpose in [Database.Purpose.writing, .reading] {
            let error = #expect(throws: StorageError.self) {
                let database = try Database(file, for: purpose)
                if case .reading = purpose { return try database.require(Self.format) }
                try database.use(Self.format)
            }
            #expect(error?.code == .unknownFormat)
            #expect(error?.message.contains("another program's") == true)
        }
        #expect(try content() == before)
    }

    @Test func `what is no database is damaged, and left as it is`() throws {
        try Data(repeating: 0x41, count: 20_000).write(to: URL(fileURLWithPath: file))
        let before = try content()
        let error = #expect(throws: StorageError.self) { _ = try open() }
        #expect(error?.code == .damaged)
        #expect(error?.path == file)
        #expect(try content() == before)
    }

    @Test func `a file that is not there, or not in a folder, is told of`() throws {
        let missing = #expect(throws: StorageError.self) {
            _ = try Database(file, for: .reading)
        }
        #expect(missing?.code == .notFound)
        let nowhere = #expect(throws: StorageError.self) {
            _ = try Database(directory.path + "/none/test.db", for: .writing)
        }
        #expect(nowhere?.code == .notFound)
        #expect(nowhere?.description.contains("/none/test.db: cannot open") == true)
    }

    @Test func `damage inside is found by the check, with its place`() throws {
        do {
            let database = try open()
            try database.transaction { () throws(StorageError) in
                for row in 0..<2_000 {
                    try database.execute("INSERT INTO pair VALUES('name \(row)', zeroblob(100))")
                }
            }
            try database.requireIntegrity()
        }
        let handle = try #require(FileHandle(forUpdatingAtPath: file))
        try handle.seek(toOffset: 5 * 16_384)
        handle.write(Data(repeating: 0x5a, count: 16_384))
        try handle.close()
        let error = #expect(throws: StorageError.self) {
            try Database(file, for: .reading).requireIntegrity()
        }
        #expect(error?.code == .damaged)
        #expect(error?.path == file)
    }

    @Test func `who writes while another does is told that the database is busy`() throws {
        let database = try open()
        let other = try Database(file, for: .writing)
        try other.execute("PRAGMA busy_timeout=0")
        try database.transaction { () throws(StorageError) in
            let error = #expect(throws: StorageError.self) { try other.execute("BEGIN IMMEDIATE") }
            #expect(error?.code == .busy)
        }
    }

    @Test func `a copy is whole under its name, while others go on writing`() throws {
        let database = try open()
        try database.execute("INSERT INTO pair VALUES('a', x'01')")
        let reader = try Database(file, for: .reading)
        let copy = directory.path + "/copy.db"
        try Data("old".utf8).write(to: URL(fileURLWithPath: copy))
        try database.transaction { () throws(StorageError) in
            try database.execute("INSERT INTO pair VALUES('b', x'02')")
            try reader.copy(to: copy, in: Disk())
        }
        let copied = try Database(copy, for: .reading)
        try copied.require(Self.format)
        try copied.requireIntegrity()
        #expect(try copied.integer("SELECT count(*) FROM pair") == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!names.contains { $0.hasPrefix("copy.db.") || $0.hasPrefix("copy.db-") })
    }

    @Test func `a copy that cannot be made leaves what was there`() throws {
        let database = try open()
        let folder = directory.path + "/copy.db"
        try FileManager.default.createDirectory(
            atPath: folder + "/full",
            withIntermediateDirectories: true
        )
        #expect(throws: StorageError.self) { try database.copy(to: folder, in: Disk()) }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names.contains("copy.db"))
        #expect(!names.contains("copy.db.part"))
    }
}
