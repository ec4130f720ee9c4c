import Storage
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct ACLTableTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> TreeDatabase {
        let origin = TreeDatabase.State(zxid: 0, passwordKey: Array(0..<16))
        return try TreeDatabase(directory.path + "/tree.db", origin: origin)
    }

    private func list(_ number: Int) -> [ACL] {
        [ACL(.read, scheme: "digest", id: "user \(number):hash")]
    }

    @Test func `a list has one number, however often it comes up`() throws {
        let database = try open()
        var table = try ACLTable(database.database)
        let open = try table.number(of: ACL.openUnsafe)
        let first = try table.number(of: list(1))
        #expect(try table.number(of: ACL.openUnsafe) == open)
        table.forget()
        #expect(try table.number(of: list(1)) == first)
        #expect(open != first)
        let all = try ACLTable.all(of: database.database)
        #expect(all[first] == list(1))
        #expect(all[open] == ACL.openUnsafe)
        // What every tree begins with has two.
        #expect(all.count == 3)
    }

    @Test func `lists that no znode has go when they are many, and get new numbers`() throws {
        let database = try open()
        var table = try ACLTable(database.database, bytesMax: 1_000)
        for number in 0..<20 { _ = try table.number(of: list(number)) }
        try table.sweep(database.database)
        #expect(try ACLTable.all(of: database.database).count == 22)
        for number in 20..<60 { _ = try table.number(of: list(number)) }
        try table.sweep(database.database)
        let left = try ACLTable.all(of: database.database)
        #expect(Set(left.values) == [ACL.openUnsafe, ACL.readUnsafe])
        let again = try table.number(of: list(59))
        #expect(try ACLTable.all(of: database.database)[again] == list(59))
    }
}
