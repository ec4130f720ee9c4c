import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// What the log does when the disk has no room for a batch: it is held back, and written once there is.
@Suite struct LogOnFullDiskTests {
    private static let segmentBytes = 4_096
    private let directory: TemporaryDirectory
    private let disk = FullDisk()

    init() throws { directory = try TemporaryDirectory() }

    private func writer() throws -> LogWriter {
        try LogWriter.resume(
            after: LogEnd(position: .start, zxid: 0),
            segmentBytes: Self.segmentBytes,
            in: directory.path,
            on: disk
        )
    }

    private func reserve(_ number: UInt32) throws -> Segment {
        try Segment.reserve(
            number: number,
            size: Self.segmentBytes,
            in: directory.path,
            on: disk
        )
    }

    private func batch(_ zxids: ClosedRange<Int64>) -> LogBatch {
        var batch = LogBatch()
        for zxid in zxids {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: zxid), count: 100)
            batch.append(payload.span, zxid: zxid)
        }
        return batch
    }

    /// Nil when it was written.
    private func attempt(_ log: inout LogWriter, _ records: inout LogBatch) -> StorageError.Code? {
        do throws(StorageError) {
            try log.write(&records)
            return nil
        } catch {
            return error.code
        }
    }

    private func recovered() throws -> (zxids: [Int64], end: LogEnd?) {
        var zxids: [Int64] = []
        let reader = LogReader(in: directory.path, on: disk)
        let end = try reader.recover(from: .start, zxid: 0) { zxid, payload throws(StorageError) in
            #expect(payload.indices.allSatisfy { payload[$0] == UInt8(truncatingIfNeeded: zxid) })
            zxids.append(zxid)
        }
        return (zxids, end)
    }

    @Test func `a batch that did not fit is written later, wherever the room ended`() throws {
        var log = try writer()
        var last: Int64 = 0
        // Batches of 896 bytes, so that some reach over the end of a segment, with room for any part of them.
        for room in stride(from: 0, to: 900, by: 29) {
            if log.wantsSegment { log.add(try reserve(log.nextNumber)) }
            let position = log.position
            var records = batch(last + 1...last + 7)
            disk.trouble.withLock { $0.roomLeft = room }
            for more in [13, 200, nil] {
                guard let code = attempt(&log, &records) else { break }
                #expect(code == .noSpace)
                #expect(log.position == position)
                disk.trouble.withLock { $0.roomLeft = more }
            }
            disk.trouble.withLock { $0.roomLeft = nil }
            if log.position == position { #expect(attempt(&log, &records) == nil) }
            last += 7
            #expect(log.zxid == last)
        }
        let position = log.position
        #expect(position.segment > 4)
        log.close()
        let (zxids, end) = try recovered()
        #expect(zxids == Array(1...last))
        #expect(end?.position == position)
        #expect(end?.tear == nil)
    }

    @Test func `a record that no segment has room for is no matter of room`() throws {
        var log = try writer()
        log.add(try reserve(log.nextNumber))
        var records = LogBatch()
        records.append([UInt8](repeating: 1, count: Self.segmentBytes).span, zxid: 1)
        #expect(attempt(&log, &records) == .failed)
        log.close()
    }

    @Test func `a sync that failed for want of room is not tried again`() throws {
        var log = try writer()
        var records = batch(1...3)
        disk.trouble.withLock { $0.failsToSync = true }
        #expect {
            try log.write(&records)
        } throws: { ($0 as? StorageError)?.code == .failed }
        log.close()
    }

    @Test func `the thread holds back what does not fit, and writes all of it in order`()
        async throws
    {
        let progress = Mutex<LogThread.Progress?>(nil)
        let failures = Mutex<[StorageError]>([])
        let log = LogThread(try writer()) { news in
            switch news {
            case .success(let step): progress.withLock { $0 = step }
            case .failure(let error): failures.withLock { $0.append(error) }
            }
        }
        var records = batch(1...3)
        log.append(&records)
        try #require(await eventually { progress.withLock { $0?.zxid } == 3 })
        disk.trouble.withLock { $0.roomLeft = 50 }
        records = batch(4...6)
        log.append(&records)
        try #require(await eventually { progress.withLock { $0?.obstacle } != nil })
        let held = try #require(progress.withLock { $0 })
        #expect(held.zxid == 3)
        #expect(held.limit == held.written)
        // What comes meanwhile stands behind it, and another try without room changes nothing.
        records = batch(7...9)
        log.append(&records)
        log.report()
        disk.trouble.withLock { $0.roomLeft = nil }
        let isThere = await eventually {
            log.report()
            return progress.withLock { $0?.zxid } == 9
        }
        try #require(isThere)
        #expect(progress.withLock { $0?.obstacle } == nil)
        log.stop()
        #expect(failures.withLock { $0 } == [])
        #expect(try recovered().zxids == Array(1...9))
    }
}
