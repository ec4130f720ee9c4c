import Foundation
import ServiceModel
import Storage
import TestSupport
import Testing

@testable import ZooKeeperServer

/// One store in another's place, on a disk that says no in the middle.
@Suite struct StoreRestoreTests {
    private static let epoch: Int64 = 1 << 32
    /// Before 2024: the calendar asks for no zxid.
    private let time = UnixTime(milliseconds: 7)
    private let directory: TemporaryDirectory
    private var store: String { directory.path + "/registry" }
    private var backup: String { directory.path + "/backup" }

    init() throws {
        directory = try TemporaryDirectory()
        let source = directory.path + "/source.db"
        _ = try TreeDatabase(source, origin: Self.state(epoch: 1))
        try TreeDatabase.copy(source, to: backup, in: Disk())
    }

    private static func state(epoch: Int64) -> TreeDatabase.State {
        TreeDatabase.State(zxid: epoch * Self.epoch + 5, passwordKey: Array(0..<16))
    }

    /// A store that is further than the backup.
    private func makeStore() throws {
        try Disk().makeDirectory(store)
        _ = try TreeDatabase(store + "/tree.db", origin: Self.state(epoch: 7))
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0.hasPrefix("registry") }.sorted()
    }

    private func zxid(in folder: String) throws -> Int64 {
        try TreeDatabase.check(folder + "/tree.db").zxid
    }

    private func failure(refusing renames: Set<String>) throws -> RegistryError {
        let files = RefusedRenames(renames)
        return try #require(
            throws: RegistryError.self,
            performing: { _ = try StoreRestore(backup, store, time, files) }
        )
    }

    @Test func `an old store comes back when the new one cannot take its place`() throws {
        try makeStore()
        let error = try failure(refusing: [store + ".restoring"])
        #expect(error.message.contains("what was there is in its place again"), "\(error)")
        #expect(try zxid(in: store) == Self.state(epoch: 7).zxid)
        #expect(StoreRestore.leftover(store) == nil)
        let done = try StoreRestore(from: backup, to: store, at: time)
        #expect(done.zxid == 8 * Self.epoch)
    }

    @Test func `an exchange that was cut short is known, and the next restore goes on from there`()
        throws
    {
        try makeStore()
        let error = try failure(refusing: [store + ".restoring", store + ".leaving"])
        #expect(error.message.contains("what was there is in \(store).leaving"), "\(error)")
        #expect(StoreRestore.leftover(store) == store + ".leaving")
        let done = try StoreRestore(from: backup, to: store, at: time)
        #expect(done.zxid == 8 * Self.epoch)
        let replaced = try #require(done.replaced)
        #expect(try zxid(in: replaced) == Self.state(epoch: 7).zxid)
        #expect(try zxid(in: store) == 8 * Self.epoch)
        #expect(StoreRestore.leftover(store) == nil)
        #expect(try names() == ["registry", "registry.replaced-7"])
    }

    @Test func `an old store that did not get its last name gets it from the next restore`()
        throws
    {
        try makeStore()
        let files = RefusedRenames([store + ".leaving"])
        let first = try StoreRestore(backup, store, time, files)
        #expect(first.replaced == store + ".leaving")
        #expect(try zxid(in: store) == 8 * Self.epoch)
        #expect(StoreRestore.leftover(store) == nil)
        let second = try StoreRestore(from: backup, to: store, at: time)
        #expect(second.zxid == 9 * Self.epoch)
        #expect(try names() == ["registry", "registry.replaced-7", "registry.replaced-8"])
        #expect(try zxid(in: store + ".replaced-7") == Self.state(epoch: 7).zxid)
    }

    @Test func `a restore that fails where no store was leaves nothing in the way of a start`()
        throws
    {
        let part = store + ".restoring/tree.db.restoring"
        let error = try failure(refusing: [part])
        #expect(error.message.contains("nothing was touched"), "\(error)")
        #expect(StoreRestore.leftover(store) == nil)
        // Complete and without its place, it is not to be forgotten.
        _ = try failure(refusing: [store + ".restoring"])
        #expect(StoreRestore.leftover(store) == store + ".restoring")
        let done = try StoreRestore(from: backup, to: store, at: time)
        #expect(done.replaced == nil)
        #expect(try names() == ["registry"])
    }

    @Test func `a tree that a log goes on from is no backup`() throws {
        try makeStore()
        let position = try TreeDatabase.check(backup).position
        let log = directory.path + "/0000000\(position.segment + 3).log"
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        let error = try failure(refusing: [])
        #expect(error.message.contains("a registry's folder, not a backup"), "\(error)")
        #expect(error.message.contains("move \(directory.path) back in its place"), "\(error)")
        #expect(try names() == ["registry"])
        let own = #expect(throws: RegistryError.self) {
            _ = try StoreRestore(from: store, to: store, at: time)
        }
        #expect(own?.message.contains("the registry that is in place") == true)
    }

    @Test func `a log that ends before the tree does not make it less of a backup`() throws {
        do {
            var database = try TreeDatabase(backup, origin: Self.state(epoch: 1))
            let position = LogPosition(segment: 4, offset: 100, batch: 0)
            try database.fold(NetChanges(), upTo: position)
        }
        let log = directory.path + "/00000003.log"
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        #expect(try StoreRestore(from: backup, to: store, at: time).znodes > 0)
    }

    @Test(arguments: [Limits.zxidMax, .max]) func `a zxid that none can come behind is refused`(
        zxid: Int64
    ) throws {
        do { try Database(backup, for: .writing).execute("UPDATE state SET zxid = \(zxid)") }
        let error = try failure(refusing: [])
        #expect(error.message.contains(backup), "\(error)")
        #expect(error.message.contains("nothing was touched; take another backup"), "\(error)")
        #expect(try names() == [])
    }
}
