import Wire

/// Records on their way to the log, in order: what is written and synced at once.
///
/// A record is a change of the tree at its zxid; the payload means nothing to this target. Each begins with
/// room for the header that the log's writer fills in. Owner: whoever gathers them, then the writer's thread.
public struct LogBatch: Sendable {
    /// Headers and payloads, back to back, each record padded to a multiple of 8 bytes.
    var bytes: [UInt8] = []
    /// Where each record starts.
    var starts: [Int] = []
    /// Length of each payload, in bytes.
    var lengths: [Int] = []
    var zxids: [Int64] = []

    /// Creates an empty batch.
    public init() {}

    /// Records in it.
    public var count: Int { starts.count }
    /// True without records.
    public var isEmpty: Bool { starts.isEmpty }
    /// Bytes that it takes in the log.
    public var byteCount: Int { bytes.count }
    /// The last record's zxid; nil without records.
    public var lastZxid: Int64? { zxids.last }

    /// Bytes that a record takes in the log.
    public static func recordBytes(payload: Int) -> Int {
        (LogFormat.recordHeaderBytes + payload + LogFormat.alignment - 1)
            / LogFormat.alignment * LogFormat.alignment
    }

    /// Adds a record.
    ///
    /// - Parameters:
    ///   - payload: As long as a segment has room for, see `LogWriter.payloadBytesMax`.
    ///   - zxid: Of the change; not below those before.
    public mutating func append(_ payload: Span<UInt8>, zxid: Int64) {
        precondition(zxid >= lastZxid ?? .min, "zxid \(zxid) after \(lastZxid ?? 0)")
        starts.append(bytes.count)
        lengths.append(payload.count)
        zxids.append(zxid)
        let size = Self.recordBytes(payload: payload.count)
        let padding = size - LogFormat.recordHeaderBytes - payload.count
        bytes.append(addingCapacity: LogFormat.recordHeaderBytes) { output in
            for _ in 0..<LogFormat.recordHeaderBytes { output.append(0) }
        }
        bytes.append(copying: payload)
        for _ in 0..<padding { bytes.append(0) }
    }

    /// Adds the records of another batch behind these.
    public mutating func append(_ other: LogBatch) {
        let start = bytes.count
        bytes += other.bytes
        starts += other.starts.map { start + $0 }
        lengths += other.lengths
        zxids += other.zxids
    }

    /// Forgets all records and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        zxids.removeAll(keepingCapacity: true)
    }

    /// Forgets all records, and the memory too where a burst left much of it.
    mutating func recycle() {
        if bytes.capacity > Limits.batchBytesKept { self = LogBatch() } else { removeAll() }
    }

    // MARK: For the log's writer

    /// Bytes that one record takes.
    func byteCount(at index: Int) -> Int { Self.recordBytes(payload: lengths[index]) }

    /// The record behind the last one of those from `first` on that fit into so many bytes.
    func fitting(_ room: Int, from first: Int) -> Int {
        guard first < count else { return first }
        if bytes.count - starts[first] <= room { return count }
        // The first record that ends behind the room.
        var (low, high) = (first, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if end(of: middle) - starts[first] <= room { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where in `bytes` records stand.
    func bytes(of range: Range<Int>) -> Range<Int> {
        starts[range.lowerBound]..<end(of: range.upperBound - 1)
    }

    /// Puts zeros behind the last record, to be taken away by `unpad` once they are written with it.
    mutating func pad(by count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    mutating func unpad(by count: Int) { bytes.removeLast(count) }

    private func end(of index: Int) -> Int { index + 1 < count ? starts[index + 1] : bytes.count }

    /// Fills in a record's header, its checksum last.
    mutating func seal(
        _ index: Int,
        kind: LogFormat.Kind,
        batch: UInt32,
        isLast: Bool,
        segment: UInt32
    ) {
        let start = starts[index]
        let header = RecordHeader(
            length: lengths[index],
            zxid: zxids[index],
            batch: batch,
            kind: kind,
            isLast: isLast
        )
        header.write(into: &bytes, at: start)
        let end = start + LogFormat.recordHeaderBytes + lengths[index]
        var checksum = Checksum(seed: segment)
        checksum.add(bytes.span.extracting(start + RecordHeader.checksumBytes..<end))
        RecordHeader.write(checksum.value, into: &bytes, at: start)
    }
}
