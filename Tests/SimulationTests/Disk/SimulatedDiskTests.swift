import Storage
import TestSupport
import Testing

/// The simulated disk forgets what a real one may forget, and nothing else.
@Suite struct SimulatedDiskTests {
    private static let path = "/folder/file"

    /// A disk with one file of known, synced bytes and a synced name.
    private static func disk(_ bytes: [UInt8]) throws -> (SimulatedDisk, FileHandle) {
        let disk = SimulatedDisk(seed: Seed.current)
        try disk.makeDirectory("/folder")
        let file = try disk.open(path, for: .creating)
        try disk.write(bytes.span, at: 0, of: file)
        try disk.sync(file)
        try disk.syncDirectory("/")
        try disk.syncDirectory("/folder")
        return (disk, file)
    }

    /// The file's bytes after a power cut; nil without the file.
    private static func after(_ loss: Loss, of disk: SimulatedDisk) throws -> [UInt8]? {
        try content(SimulatedDisk(disk.state.afterPowerCut(loss), seed: 1))
    }

    private static func content(_ disk: SimulatedDisk) throws -> [UInt8]? {
        guard try disk.names(in: "/folder").contains("file") else { return nil }
        let file = try disk.open(path, for: .reading)
        return try disk.read(1 << 20, at: 0, of: file)
    }

    private static func losses() -> [Loss] {
        Loss.Kind.allCases.flatMap { kind in
            (0..<40).map { Loss(kind, seed: Seed.current &+ UInt64($0)) }
        }
    }

    @Test func `what was synced is there after any power cut`() throws {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let (disk, _) = try Self.disk(bytes)
        for loss in Self.losses() { #expect(try Self.after(loss, of: disk) == bytes) }
    }

    @Test func `a sector that was not synced is as before or as after, and all others stay`() throws
    {
        let before = [UInt8](repeating: 1, count: 5_000)
        let (disk, file) = try Self.disk(before)
        try disk.write([UInt8](repeating: 2, count: 1_000).span, at: 700, of: file)
        try disk.write([UInt8](repeating: 3, count: 1_500).span, at: 900, of: file)
        var seen: Set<[UInt8]> = []
        for loss in Self.losses() where !loss.damages {
            let bytes = try #require(try Self.after(loss, of: disk))
            seen.insert(bytes)
            #expect(bytes.count == 5_000)
            #expect(Array(bytes[..<700]) == Array(before[..<700]))
            #expect(Array(bytes[2_400...]) == Array(before[2_400...]))
            // Of the second sector: as it was, after the first write, or after both.
            let versions = [
                [UInt8](repeating: 1, count: 324),
                [UInt8](repeating: 2, count: 324),
                [UInt8](repeating: 2, count: 200) + [UInt8](repeating: 3, count: 124),
            ]
            let sector = Array(bytes[700..<1_024])
            #expect(versions.contains(sector), "\(sector)")
        }
        #expect(seen.count > 10)
    }

    @Test func `damage stays within what was being written`() throws {
        let before = [UInt8](repeating: 1, count: 4_096)
        let (disk, file) = try Self.disk(before)
        try disk.write([UInt8](repeating: 2, count: 2_000).span, at: 100, of: file)
        var isDamaged = false
        for loss in Self.losses() where loss.damages {
            let bytes = try #require(try Self.after(loss, of: disk))
            #expect(bytes[..<100].allSatisfy { $0 == 1 })
            #expect(bytes[2_100...].allSatisfy { $0 == 1 })
            if bytes.contains(where: { $0 != 1 && $0 != 2 }) { isDamaged = true }
        }
        #expect(isDamaged)
    }

    @Test func `a file's size is one that it had, and what it grew by is zeros at worst`() throws {
        let (disk, file) = try Self.disk([7, 7, 7])
        try disk.truncate(file, to: 2_000)
        try disk.write([8, 8].span, at: 2_500, of: file)
        var sizes: Set<Int> = []
        for loss in Self.losses() {
            let bytes = try #require(try Self.after(loss, of: disk))
            sizes.insert(bytes.count)
            #expect(bytes[3..<min(bytes.count, 2_500)].allSatisfy { $0 == 0 })
        }
        #expect(sizes == [3, 2_000, 2_502])
    }

    @Test func `a cut that is on the disk takes what was behind with it`() throws {
        let (disk, file) = try Self.disk([UInt8](repeating: 1, count: 3_000))
        try disk.truncate(file, to: 0)
        try disk.write([UInt8](repeating: 2, count: 100).span, at: 1_000, of: file)
        for loss in Self.losses() where !loss.damages {
            let bytes = try #require(try Self.after(loss, of: disk))
            // Either the file is as long as before, and nothing of it changed, or nothing old is left.
            let isOld = bytes == [UInt8](repeating: 1, count: 3_000)
            #expect(isOld || !bytes.contains(1), "\(bytes.count) bytes")
        }
    }

    @Test func `a name is unsure until its folder is synced, and each for itself`() throws {
        let (disk, _) = try Self.disk([1])
        let second = try disk.open("/folder/second", for: .creating)
        try disk.sync(second)
        try disk.rename(Self.path, to: "/folder/third")
        var seen: Set<[String]> = []
        for loss in Self.losses() {
            let after = SimulatedDisk(disk.state.afterPowerCut(loss), seed: 1)
            seen.insert(try after.names(in: "/folder").sorted())
        }
        #expect(
            seen == [["file"], ["file", "second"], ["second", "third"], ["third"]],
            "\(seen)"
        )
        try disk.syncDirectory("/folder")
        for loss in Self.losses() {
            let after = SimulatedDisk(disk.state.afterPowerCut(loss), seed: 1)
            #expect(try after.names(in: "/folder").sorted() == ["second", "third"])
        }
    }

    @Test func `a file that was removed comes back unless the folder was synced`() throws {
        let (disk, _) = try Self.disk([1, 2])
        try disk.remove(Self.path)
        #expect(try Self.content(disk) == nil)
        #expect(try Self.after(Loss(.everything, seed: 1), of: disk) == [1, 2])
        #expect(try Self.after(Loss(.nothing, seed: 1), of: disk) == nil)
        try disk.syncDirectory("/folder")
        #expect(try Self.after(Loss(.everything, seed: 1), of: disk) == nil)
    }

    @Test func `a folder without a synced name takes its files with it`() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.makeDirectory("/a/b")
        let file = try disk.open("/a/b/c", for: .creating)
        try disk.sync(file)
        try disk.syncDirectory("/a/b")
        let lost = SimulatedDisk(disk.state.afterPowerCut(Loss(.everything, seed: 1)), seed: 1)
        #expect(try lost.names(in: "/").isEmpty)
        try disk.syncDirectory("/")
        try disk.syncDirectory("/a")
        let kept = SimulatedDisk(disk.state.afterPowerCut(Loss(.everything, seed: 1)), seed: 1)
        #expect(try kept.names(in: "/a/b") == ["c"])
    }

    @Test func `a killed process leaves what it wrote, which is still unsafe`() throws {
        let (disk, file) = try Self.disk([1])
        try disk.write([2].span, at: 0, of: file)
        disk.die()
        #expect(throws: StorageError.self) { try disk.write([3].span, at: 0, of: file) }
        #expect(throws: StorageError.self) { try disk.sync(file) }
        let next = SimulatedDisk(disk.state, seed: 1)
        #expect(try Self.content(next) == [2])
        #expect(try Self.after(Loss(.everything, seed: 1), of: next) == [1])
        let again = try next.open(Self.path, for: .writing)
        try next.sync(again)
        #expect(try Self.after(Loss(.everything, seed: 1), of: next) == [2])
    }

    @Test(arguments: CrashMoment.allCases)
    func `a crash comes before, amid or after its operation`(_ moment: CrashMoment) throws {
        let before = [UInt8](repeating: 1, count: 1_000)
        let (disk, file) = try Self.disk(before)
        disk.judge = { _, operation in
            if case .write = operation { .crash(moment) } else { .proceed }
        }
        let bytes = [UInt8](repeating: 2, count: 1_000)
        #expect(throws: StorageError.self) { try disk.write(bytes.span, at: 0, of: file) }
        #expect(disk.isDead)
        let left = try #require(try Self.content(SimulatedDisk(disk.state, seed: 1)))
        switch moment {
        case .before: #expect(left == before)
        case .amid: #expect(left == Array(left.prefix { $0 == 2 }) + left.drop { $0 == 2 })
        case .after: #expect(left == bytes)
        }
    }

    @Test func `a failed sync leaves what it likes, and a second one says that all is well`() throws
    {
        var (lost, kept) = (false, false)
        for seed in 0..<30 {
            let (base, _) = try Self.disk([UInt8](repeating: 1, count: 2_048))
            let disk = SimulatedDisk(base.state, seed: UInt64(seed))
            let file = try disk.open(Self.path, for: .writing)
            disk.judge = { _, operation in
                if case .sync = operation { .fail } else { .proceed }
            }
            try disk.write([UInt8](repeating: 2, count: 2_048).span, at: 0, of: file)
            #expect(throws: StorageError.self) { try disk.sync(file) }
            disk.judge = nil
            try disk.sync(file)
            #expect(try disk.read(4_096, at: 0, of: file).allSatisfy { $0 == 2 })
            let left = try #require(try Self.after(Loss(.everything, seed: 1), of: disk))
            lost = lost || left.contains(1)
            kept = kept || left.contains(2)
            try disk.write([3].span, at: 9, of: file)
            try disk.sync(file)
            #expect(try Self.after(Loss(.everything, seed: 1), of: disk)?[9] == 3)
        }
        #expect(lost && kept)
    }

    @Test func `a full disk takes what there is room for`() throws {
        let (disk, file) = try Self.disk([1])
        disk.capacity = 101
        do throws(StorageError) {
            try disk.write([UInt8](repeating: 2, count: 500).span, at: 1, of: file)
            Issue.record("it has room")
        } catch {
            #expect(error.code == .noSpace)
        }
        #expect(try disk.size(of: file) == 101)
        // What is there already may be written over.
        try disk.write([9].span, at: 100, of: file)
        disk.capacity = nil
        try disk.write([9].span, at: 101, of: file)
    }

    @Test func `what is not there is said to be`() throws {
        let (disk, file) = try Self.disk([1])
        func code(_ body: () throws -> Void) -> StorageError.Code? {
            do { try body() } catch { return (error as? StorageError)?.code }
            return nil
        }
        #expect(code { _ = try disk.open("/folder/none", for: .reading) } == .notFound)
        #expect(code { _ = try disk.open("/none/file", for: .creating) } == .notFound)
        #expect(code { try disk.remove("/folder/none") } == .notFound)
        #expect(code { try disk.rename("/folder/none", to: "/folder/x") } == .notFound)
        #expect(code { _ = try disk.names(in: "/none") } == .notFound)
        #expect(code { _ = try disk.names(in: "/none/of/them") } == .notFound)
        disk.close(file)
        #expect(code { try disk.sync(file) } == .failed)
        #expect(disk.openCount == 0)
    }
}
