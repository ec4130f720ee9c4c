import ServiceModel
import TestSupport
import Testing
import ZNodeTree

@testable import Storage
@testable import ZooKeeperServer

@Suite struct UnsyncedCommitTests {
    private static func setup() -> SimulatedStore.Setup {
        let configuration = StoreConfiguration(
            directory: StoreKeeper.folder,
            segmentBytes: 6_000,
            foldBytes: 1_000
        )
        return SimulatedStore.Setup(configuration: configuration, firstZxid: 0) { $0 }
    }

    private static func open(_ disk: SimulatedDisk) throws -> SimulatedStore.Opened {
        try SimulatedStore.open(
            setup(),
            on: disk,
            newKey: (1, 2),
            now: Instant(nanoseconds: 0),
            seed: 1
        )
    }

    /// So many sessions begin, each with a record of its own, over several segments.
    private static func begin(_ count: Int64, _ opened: inout SimulatedStore.Opened) throws {
        for number in 1...count {
            _ = opened.tree.createSession(
                number,
                timeout: .seconds(4),
                now: Instant(nanoseconds: 0)
            )
            var records = LogBatch()
            opened.tree.recorded.forEachRecord { records.append($1, zxid: $0) }
            opened.tree.recorded.removeAll()
            try opened.store.write(&records)
            if opened.store.wantsSegment { try opened.store.reserve() }
        }
    }

    @Test func `a commit that its process did not sync is sure before segments go by it`() throws {
        var gone = 0
        for last in 1...4 { gone += try Self.segmentsGone(afterKillBeforeSync: last) }
        #expect(gone > 0, "no start found a commit that was not synced")
    }

    /// Kills a process before a sync of `tree.db`'s write-ahead log, and cuts the power after the next start.
    private static func segmentsGone(afterKillBeforeSync last: Int) throws -> Int {
        let disk = SimulatedDisk(seed: 1)
        try disk.makeDirectory("/data")
        try disk.syncDirectory("/")
        var first = try open(disk)
        try begin(300, &first)
        var syncs = 0
        disk.judge = { _, operation in
            guard operation == .sync(StoreKeeper.folder + "/tree.db-wal") else { return .proceed }
            syncs += 1
            return syncs == last ? .crash(.before) : .proceed
        }
        do { try first.store.fold() } catch { #expect(disk.isDead) }
        disk.die()

        // What was written is still there.
        let killed = SimulatedDisk(disk.state, seed: 2)
        let before = try killed.names(in: StoreKeeper.folder)
        let second = try open(killed)
        #expect(second.tree.lastZxid == 300)
        let after = try killed.names(in: StoreKeeper.folder)

        killed.die()
        for kind in Loss.Kind.allCases {
            for seed in 0..<20 as Range<UInt64> {
                let cut = killed.state.afterPowerCut(Loss(kind, seed: seed))
                let third = try open(SimulatedDisk(cut, seed: 3))
                #expect(third.tree.lastZxid == 300)
                #expect(third.tree.sessionCount == 300)
            }
        }
        return Set(before).subtracting(after).count
    }
}
