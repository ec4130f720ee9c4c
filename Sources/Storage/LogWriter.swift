import Wire

/// Puts batches of records into the log's segments, and knows what is durable.
///
/// Step of the data flow: between the engine, which gathers changes, and the replies that wait for them. A
/// batch is durable when `write` returns, and nothing of it is before. Invariants: one batch at a time is
/// not synced; a record is in one segment; a segment's first record says where the log ended before it.
/// A batch that there is no room for can be written once more. After any other error nothing more can be
/// written: what became of the bytes is not known, and a second sync would not tell. Owner: the log's thread.
public struct LogWriter: ~Copyable, Sendable {
    private let files: any FileSystem
    private let directory: String
    private var current: Segment
    private var next: Segment?
    private var batch: UInt32
    /// Behind the last record written.
    private var offset: Int
    /// The first record that is still to be written of a batch that there was no room for.
    private var held: Int?
    /// Behind the last durable record, with which a batch ends.
    public private(set) var position: LogPosition
    /// zxid of the last durable record.
    public private(set) var zxid: Int64

    /// Goes on behind what is there, in a segment that has no records yet; returns when that is durable.
    ///
    /// - Parameters:
    ///   - segment: Reserved for this.
    ///   - end: Where the log ends so far.
    ///   - directory: Where the segments are.
    ///   - files: Where that is.
    /// - Throws: `StorageError` `.failed`.
    public init(
        startingIn segment: Segment,
        after end: LogEnd,
        in directory: String,
        on files: any FileSystem
    ) throws(StorageError) {
        (self.files, self.directory, current) = (files, directory, segment)
        (batch, zxid, position) = (end.position.batch &+ 1, end.zxid, end.position)
        offset = LogFormat.segmentHeaderBytes
        offset = try Self.start(segment, at: end, batch: batch, isLast: true, on: files)
        try files.sync(segment.file)
        position = place
    }

    /// Makes the end of a log fit to go on behind it, and goes on there.
    ///
    /// What a crash tore off is cut off; a segment that was reserved and not used is made anew, since it may
    /// have torn bytes too. What stands before the end is on the disk: it was read from there.
    ///
    /// - Parameters:
    ///   - end: Where the log ends.
    ///   - segmentBytes: Bytes of a new segment.
    ///   - directory: Where the segments are.
    ///   - files: Where that is.
    /// - Returns: The writer of the next segment.
    /// - Throws: `StorageError` `.noSpace` or `.failed`.
    public static func resume(
        after end: LogEnd,
        segmentBytes: Int,
        in directory: String,
        on files: any FileSystem
    ) throws(StorageError) -> LogWriter {
        // First of all: a segment that is cut is followed by another one.
        let next = try Segment.reserve(
            number: end.position.segment + 1,
            size: segmentBytes,
            in: directory,
            on: files
        )
        if end.position.segment > 0 {
            try cut(at: end.position, in: directory, on: files)
        }
        return try LogWriter(startingIn: next, after: end, in: directory, on: files)
    }

    private static func cut(
        at end: LogPosition,
        in directory: String,
        on files: any FileSystem
    ) throws(StorageError) {
        let last = try Segment.open(number: end.segment, in: directory, for: .writing, on: files)
        defer { files.close(last.file) }
        try files.truncate(last.file, to: end.offset)
        try files.sync(last.file)
    }

    /// Bytes of records that can be written for sure before another segment is needed.
    ///
    /// What a record leaves unused at the end of a segment is counted as used.
    public var room: Int {
        let wasted = next == nil ? 0 : LogFormat.roomForStart + payloadBytesMax
        return max(0, current.size - offset + (next?.capacity ?? 0) - wasted)
    }

    /// Longest payload that every segment has room for: a quarter of one.
    public var payloadBytesMax: Int { Self.payloadBytesMax(segmentBytes: current.size) }

    /// Longest payload that a segment of so many bytes has room for.
    public static func payloadBytesMax(segmentBytes: Int) -> Int { segmentBytes / 4 }

    /// True while the segment after this one is not there yet.
    public var wantsSegment: Bool { next == nil }

    /// The number of the segment to reserve next.
    public var nextNumber: UInt32 { current.number + (next == nil ? 1 : 2) }

    /// Takes the segment that follows.
    public mutating func add(_ segment: Segment) {
        guard next == nil, segment.number == current.number + 1 else {
            fatalError("segment \(segment.number) after \(current.number), next \(next == nil)")
        }
        next = segment
    }

    /// Writes records and returns when they are durable.
    ///
    /// - Parameter records: In order, behind all before; their headers are filled in. No longer than `room`.
    /// - Throws: `StorageError` `.noSpace` when the disk, or a limit of file sizes, has no room for the bytes, or
    ///   the segment that they need was never reserved, which `room` tells before: then the same records can be
    ///   written again, and nothing else before them. Else `.failed`; nothing can be written after that.
    public mutating func write(_ records: inout LogBatch) throws(StorageError) {
        if held == nil { batch &+= 1 }
        var first = held ?? 0
        held = first
        while first < records.count {
            let end = records.fitting(current.size - offset, from: first)
            if end > first {
                try write(&records, first..<end)
                first = end
                held = first
            }
            guard first < records.count else { break }
            try requireRoom(for: records.byteCount(at: first))
            try roll()
        }
        held = nil
        position = place
    }

    /// Says that the log ends here in order, so that damage to its last records can be told from a tear.
    ///
    /// - Throws: `StorageError`.
    public mutating func end() throws(StorageError) {
        guard held == nil else { return }
        var records = LogBatch()
        let nothing: [UInt8] = []
        records.append(nothing.span, zxid: zxid)
        batch &+= 1
        guard records.fitting(current.size - offset, from: 0) == 1 else { return }
        records.seal(0, kind: .end, batch: batch, isLast: true, segment: current.number)
        try files.write(records.bytes.span, at: offset, of: current.file)
        offset += records.byteCount
        try sync()
        position = place
    }

    /// Gives the files back.
    public consuming func close() {
        files.close(current.file)
        if let next { files.close(next.file) }
    }

    private mutating func write(
        _ records: inout LogBatch,
        _ range: Range<Int>
    ) throws(StorageError) {
        for index in range {
            let isLast = index == records.count - 1
            records.seal(
                index,
                kind: .change,
                batch: batch,
                isLast: isLast,
                segment: current.number
            )
        }
        let bytes = records.bytes(of: range)
        let padding = range.upperBound < records.count ? 0 : padding(behind: offset + bytes.count)
        records.pad(by: padding)
        defer { records.unpad(by: padding) }
        let padded = bytes.lowerBound..<bytes.upperBound + padding
        try files.write(records.bytes.span.extracting(padded), at: offset, of: current.file)
        try sync()
        offset += bytes.count
        zxid = records.zxids[range.upperBound - 1]
    }

    /// Zeros that complete a page on which nothing was written so far, and which has nothing but zeros.
    ///
    /// A page that the kernel does not have in memory it would read before a part of it is written. One that was
    /// written on it has.
    private func padding(behind end: Int) -> Int {
        let page = Limits.cachePageBytes
        let isBegun = offset % page > 0 && offset / page == end / page
        guard end % page > 0, !isBegun else { return 0 }
        return min(page - end % page, current.size - end)
    }

    /// A record that no segment has room for would be looked for room for ever.
    private func requireRoom(for bytes: Int) throws(StorageError) {
        guard bytes <= current.capacity - LogFormat.roomForStart else {
            let text = "a record of \(bytes) bytes is longer than a segment"
            throw StorageError(.failed, directory + "/" + Segment.name(current.number), text)
        }
    }

    private mutating func roll() throws(StorageError) {
        guard let following = next else {
            let path = directory + "/" + Segment.name(current.number)
            throw StorageError(.noSpace, path, "it is full, and the segment after it is not there")
        }
        let end = LogEnd(position: place, zxid: zxid)
        let behind = try Self.start(following, at: end, batch: batch, isLast: false, on: files)
        files.close(current.file)
        (current, next, offset) = (following, nil, behind)
    }

    /// Writes the first record of a segment, which is synced with what follows.
    ///
    /// - Returns: The offset behind it.
    private static func start(
        _ segment: Segment,
        at end: LogEnd,
        batch: UInt32,
        isLast: Bool,
        on files: any FileSystem
    ) throws(StorageError) -> Int {
        var writer = ByteWriter(capacity: LogFormat.startPayloadBytes)
        writer.writeUInt32(end.position.segment)
        writer.writeInt64(Int64(end.position.offset))
        var records = LogBatch()
        records.append(writer.bytes.span, zxid: end.zxid)
        records.seal(0, kind: .start, batch: batch, isLast: isLast, segment: segment.number)
        let offset = LogFormat.segmentHeaderBytes
        try files.write(records.bytes.span, at: offset, of: segment.file)
        return offset + records.byteCount
    }

    /// Behind the last record written.
    private var place: LogPosition {
        LogPosition(segment: current.number, offset: offset, batch: batch)
    }

    /// What a sync that failed left is not known, whatever the reason was.
    private func sync() throws(StorageError) {
        do throws(StorageError) {
            try files.sync(current.file)
        } catch {
            let (place, message) = (error.offset, error.message)
            throw StorageError(.failed, error.path, at: place, message, cause: error.cause)
        }
    }
}
