/// Tells a tear, which a crash explains, from damage, which it does not.
///
/// The log's writer syncs a batch before it writes the next, so a crash tears the last batch only. Whatever
/// is behind the first bytes that are no record, a record of a later batch cannot be: where there is one,
/// bytes that were durable are gone.
struct LogRecovery {
    private(set) var end: LogEnd
    /// The last record found was the last one of its batch.
    private var isWhole = true
    /// A segment was gone through, so that the next has to start where it ended.
    private var hasBefore = false

    init(zxid: Int64, start: LogPosition) {
        end = LogEnd(position: start, zxid: zxid)
    }

    /// Goes through one segment, in order.
    mutating func scan(
        _ scanner: inout SegmentScanner,
        _ segment: Segment,
        in directory: String,
        isLast: Bool,
        _ visit: LogReader.Visitor
    ) throws(StorageError) {
        let path = directory + "/" + Segment.name(segment.number)
        defer { hasBefore = true }
        var isFirst = scanner.offset == LogFormat.segmentHeaderBytes
        while true {
            let offset = scanner.offset
            let step = try scanner.next()
            guard case .record(let header, let payload) = step else {
                try stop(&scanner, at: offset, step, path, isLast: isLast)
                return
            }
            if isFirst {
                let payload = scanner.bytes.span.extracting(payload)
                try check(start: header, payload, path, offset)
            }
            isFirst = false
            guard header.zxid >= end.zxid || header.kind != .change else {
                let text = "zxid 0x\(String(header.zxid, radix: 16)) stands behind a later one"
                throw StorageError(.damaged, path, at: offset, text)
            }
            if header.kind == .change {
                try visit(header.zxid, scanner.bytes.span.extracting(payload))
                end.zxid = header.zxid
            }
            isWhole = header.isLast
            end.position = LogPosition(
                segment: segment.number,
                offset: scanner.offset,
                batch: header.batch
            )
        }
    }

    /// The first record of a segment says where the log ended before it.
    private mutating func check(
        start header: RecordHeader,
        _ payload: Span<UInt8>,
        _ path: String,
        _ offset: Int
    ) throws(StorageError) {
        guard header.kind == .start, let before = LogPosition(startPayload: payload) else {
            throw StorageError(.damaged, path, at: offset, "its first record is no start")
        }
        guard !hasBefore || before == end.position else {
            throw StorageError(.damaged, path, at: offset, before.isNotWhereItEnds(end.position))
        }
    }

    /// Bytes that are no record: the end of the segment, of the log, or damage.
    private mutating func stop(
        _ scanner: inout SegmentScanner,
        at offset: Int,
        _ step: SegmentScanner.Step,
        _ path: String,
        isLast: Bool
    ) throws(StorageError) {
        // Later than any batch that can have been torn here.
        let batch = end.position.batch &+ (isWhole ? 2 : 1)
        if let later = try scanner.record(ofBatchFrom: batch) {
            throw StorageError(
                .damaged,
                path,
                at: offset,
                "bytes that were synced are not what was written; sound records follow at \(later)"
            )
        }
        if case .cut(let what) = step { throw StorageError(.damaged, path, at: offset, what) }
        guard case .torn(let what) = step else {
            if !isWhole, isLast {
                end.tear = end.tear ?? "\(path), offset \(offset): the rest of a batch"
            }
            return
        }
        end.tear = "\(path), offset \(offset): \(what)"
    }
}

extension LogPosition {
    /// For people: what a segment's first record says, and where the log before it ends.
    func isNotWhereItEnds(_ end: LogPosition) -> String {
        "the log goes on behind offset \(offset) of segment \(segment), but what is there ends at "
            + "\(end.offset) of \(end.segment)"
    }
}
