import Synchronization
import TestSupport
import Testing

@testable import Storage

/// The log on the machine's own files: written, read again, torn and damaged.
@Suite struct LogTests {
    private let directory: TemporaryDirectory
    private let disk = Disk()

    init() throws { directory = try TemporaryDirectory() }

    private func writer(_ segmentBytes: Int = 4_096) throws -> LogWriter {
        try LogWriter.resume(
            after: LogEnd(position: .start, zxid: 0),
            segmentBytes: segmentBytes,
            in: directory.path,
            on: disk
        )
    }

    private func batch(_ zxids: ClosedRange<Int64>, bytes: Int = 100) -> LogBatch {
        var batch = LogBatch()
        for zxid in zxids {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: zxid), count: bytes)
            batch.append(payload.span, zxid: zxid)
        }
        return batch
    }

    private func write(_ log: inout LogWriter, _ zxids: ClosedRange<Int64>) throws {
        var batch = batch(zxids)
        if batch.byteCount > log.room {
            let next = log.nextNumber
            let segment = try Segment.reserve(
                number: next,
                size: 4_096,
                in: directory.path,
                on: disk
            )
            log.add(segment)
        }
        try log.write(&batch)
    }

    /// What is there: zxids in order, and the end.
    private func recovered() throws -> (zxids: [Int64], end: LogEnd?) {
        var zxids: [Int64] = []
        let reader = LogReader(in: directory.path, on: disk)
        let end = try reader.recover(from: .start, zxid: 0) { zxid, payload throws(StorageError) in
            #expect(payload.indices.allSatisfy { payload[$0] == UInt8(truncatingIfNeeded: zxid) })
            zxids.append(zxid)
        }
        return (zxids, end)
    }

    /// Changes one byte of a segment's file.
    private func change(_ number: UInt32, at offset: Int, _ body: (UInt8) -> UInt8) throws {
        let path = directory.path + "/" + Segment.name(number)
        let file = try disk.open(path, for: .writing)
        defer { disk.close(file) }
        let byte = try disk.read(1, at: offset, of: file)
        let changed = [body(byte[0])]
        try disk.write(changed.span, at: offset, of: file)
    }

    @Test func `what was written is read again, over many segments`() throws {
        var log = try writer()
        for start in stride(from: Int64(1), to: 200, by: 7) { try write(&log, start...start + 6) }
        let position = log.position
        #expect(position.segment > 5)
        log.close()
        let (zxids, end) = try recovered()
        #expect(zxids == Array(1...203))
        #expect(end?.position == position)
        #expect(end?.tear == nil)
    }

    /// A page of which a part is written, and which is not in memory, has to be read first.
    @Test func `a batch completes the pages that it begins, within the segment`() throws {
        let files = WriteRecorder()
        var log = try LogWriter.resume(
            after: LogEnd(position: .start, zxid: 0),
            segmentBytes: 5 * 4_096 + 400,
            in: directory.path,
            on: files
        )
        var (zxid, seen) = (Int64(1), Set<Int>())
        while log.room >= 6 * 128 {
            files.ranges.withLock { $0 = [] }
            let start = log.position.offset
            var batch = batch(zxid...zxid + 5)
            try log.write(&batch)
            zxid += 6
            #expect(batch.byteCount == 6 * 128)
            let written = files.ranges.withLock { $0 }
            let end = start + batch.byteCount
            let isWithin = start % 4_096 > 0 && start / 4_096 == end / 4_096
            let page = (end + 4_095) / 4_096 * 4_096
            #expect(written == [start..<(isWithin ? end : min(page, 5 * 4_096 + 400))])
            seen.insert(written[0].upperBound % 4_096)
        }
        // Pages that were gone on with, whole ones, and the last one, which is none.
        #expect(seen.count > 3)
        #expect(seen.isSuperset(of: [0, 400]))
        log.close()
        #expect(try recovered().zxids == Array(1..<zxid))
    }

    @Test func `a log goes on behind its end, however often it is begun`() throws {
        var log = try writer()
        try write(&log, 1...3)
        log.close()
        for round in Int64(1)...4 {
            let end = try #require(try recovered().end)
            var log = try LogWriter.resume(
                after: end,
                segmentBytes: 4_096,
                in: directory.path,
                on: disk
            )
            try write(&log, round * 10...round * 10 + 2)
            if round == 2 { try log.end() }
            log.close()
        }
        #expect(try recovered().zxids == [1, 2, 3, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42])
    }

    @Test func `a torn last batch is left out and said, whole records before it count`() throws {
        var log = try writer()
        try write(&log, 1...3)
        let whole = log.position
        try write(&log, 4...6)
        log.close()
        // In the second record of the last batch.
        try change(1, at: whole.offset + 128 + 50) { $0 ^ 1 }
        let (zxids, end) = try recovered()
        #expect(zxids == [1, 2, 3, 4])
        #expect(end?.position.offset == whole.offset + 128)
        #expect(end?.tear?.contains("checksum") == true)
    }

    @Test func `damage before the last batch is told from a tear, with its place`() throws {
        var log = try writer()
        try write(&log, 1...3)
        let place = log.position.offset
        try write(&log, 4...6)
        try write(&log, 7...9)
        log.close()
        try change(1, at: place + 40) { $0 ^ 0x80 }
        #expect {
            _ = try recovered()
        } throws: { error in
            guard let error = error as? StorageError else { return false }
            return error.code == .damaged && error.offset == place
                && error.path.hasSuffix("00000001.log")
        }
    }

    @Test func `the last batch of a log that was closed in order is not torn but damaged`() throws {
        var log = try writer()
        try write(&log, 1...3)
        try log.end()
        log.close()
        try change(1, at: 32 + 40 + 40) { $0 ^ 1 }
        #expect {
            _ = try recovered()
        } throws: { ($0 as? StorageError)?.code == .damaged }
    }

    @Test func `a missing segment, another's number and a later format are named`() throws {
        var log = try writer()
        for start in stride(from: Int64(1), to: 100, by: 7) { try write(&log, start...start + 6) }
        log.close()
        try change(3, at: 11) { _ in 2 }
        #expect { _ = try recovered() } throws: { ($0 as? StorageError)?.code == .unknownFormat }
        try disk.remove(directory.path + "/" + Segment.name(3))
        #expect {
            _ = try recovered()
        } throws: { error in
            (error as? StorageError)?.path.hasSuffix("00000003.log") ?? false
        }
        try disk.rename(
            directory.path + "/" + Segment.name(4),
            to: directory.path + "/" + Segment.name(3)
        )
        #expect { _ = try recovered() } throws: { ($0 as? StorageError)?.code == .damaged }
    }

    @Test func `a file that was cut short is no tear`() throws {
        var log = try writer()
        try write(&log, 1...3)
        try write(&log, 4...6)
        log.close()
        let path = directory.path + "/" + Segment.name(1)
        let file = try disk.open(path, for: .writing)
        // Within the fifth record, then behind the fourth, which nothing follows.
        for (size, text) in [(700, "cut to 700 of 4096 bytes"), (584, "it is missing")] {
            try disk.truncate(file, to: size)
            #expect {
                _ = try recovered()
            } throws: { error in
                let error = error as? StorageError
                return error?.code == .damaged && error?.description.contains(text) == true
            }
        }
        disk.close(file)
    }

    @Test func `damage is told from a tear where the count of batches begins anew`() throws {
        let end = LogEnd(position: LogPosition(segment: 0, offset: 0, batch: .max - 2), zxid: 0)
        let first = try Segment.reserve(number: 1, size: 4_096, in: directory.path, on: disk)
        var log = try LogWriter(startingIn: first, after: end, in: directory.path, on: disk)
        var places: [Int] = []
        for zxid in Int64(1)...5 {
            places.append(log.position.offset)
            try write(&log, zxid...zxid)
        }
        #expect(log.position.batch < 10)
        log.close()
        try change(1, at: places[1] + 40) { $0 ^ 1 }
        #expect {
            _ = try recovered()
        } throws: { ($0 as? StorageError)?.offset == places[1] }
    }

    @Test func `a segment that does not go on where the one before ends is damage`() throws {
        var log = try writer()
        for start in stride(from: Int64(1), to: 70, by: 7) { try write(&log, start...start + 6) }
        let end = log.position
        log.close()
        // The last record of the first segment is wiped out, as if nothing had ever been there.
        let path = directory.path + "/" + Segment.name(1)
        let file = try disk.open(path, for: .writing)
        var scanner = try SegmentScanner(
            try Segment.open(number: 1, in: directory.path, for: .reading, on: disk),
            from: LogFormat.segmentHeaderBytes,
            on: disk
        )
        var last = 0
        while case .record = try scanner.next() { last = scanner.offset - 128 }
        try disk.write([UInt8](repeating: 0, count: 128).span, at: last, of: file)
        disk.close(file)
        let reader = LogReader(in: directory.path, on: disk)
        #expect {
            _ = try reader.read(from: .start, to: end) { _, _ throws(StorageError) in true }
        } throws: { error in
            let error = error as? StorageError
            return error?.code == .damaged && error?.message.contains("goes on behind") == true
        }
    }

    @Test func `without a segment in reserve the room ends where the segment does`() throws {
        var log = try writer()
        while log.room >= 128 {
            var one = batch(log.zxid + 1...log.zxid + 1)
            try log.write(&one)
        }
        var one = batch(log.zxid + 1...log.zxid + 1)
        #expect { try log.write(&one) } throws: { ($0 as? StorageError)?.code == .noSpace }
        log.close()
    }

    @Test func `changes between two places are read while the log goes on`() throws {
        var log = try writer()
        for start in stride(from: Int64(1), to: 70, by: 7) { try write(&log, start...start + 6) }
        let first = log.position
        for start in stride(from: Int64(71), to: 140, by: 7) { try write(&log, start...start + 6) }
        let second = log.position
        var zxids: [Int64] = []
        let reader = LogReader(in: directory.path, on: disk)
        var place = first
        while place < second {
            var count = 0
            place = try reader.read(from: place, to: second) { zxid, _ throws(StorageError) in
                zxids.append(zxid)
                count += 1
                return count < 3
            }
        }
        #expect(zxids == Array(71...140))
        log.close()
    }
}
