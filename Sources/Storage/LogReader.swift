/// Reads the log: all of it at a start, and what is durable while the log's writer goes on.
///
/// Nothing is changed by reading, whatever is found. Owner: whoever made it, on one thread.
public struct LogReader: Sendable {
    private let files: any FileSystem
    private let directory: String

    /// - Parameters:
    ///   - directory: Where the segments are.
    ///   - files: Where that is.
    public init(in directory: String, on files: any FileSystem) {
        (self.files, self.directory) = (files, directory)
    }

    /// What is done with a change: its zxid and its payload.
    public typealias Visitor = (Int64, Span<UInt8>) throws(StorageError) -> Void

    /// Reads changes between two places where the log is known to be durable.
    ///
    /// - Parameters:
    ///   - start: A place that was a record's end.
    ///   - end: Another, not before it.
    ///   - visit: Called for each change in order; false stops behind it.
    /// - Returns: Where it stopped, `end` at the latest.
    /// - Throws: `StorageError` `.damaged` for bytes that are not those that were written; what `visit` throws.
    public func read(
        from start: LogPosition,
        to end: LogPosition,
        _ visit: (Int64, Span<UInt8>) throws(StorageError) -> Bool
    ) throws(StorageError) -> LogPosition {
        guard start < end else { return end }
        var place = start
        for number in max(start.segment, 1)...end.segment {
            let segment = try open(number)
            defer { files.close(segment.file) }
            let first = number == start.segment ? start.offset : 0
            var scanner = try scanner(of: segment, from: first)
            records: while number < end.segment || scanner.offset < end.offset {
                switch try scanner.next() {
                case .record(let header, let payload):
                    if number > start.segment, header.kind == .start {
                        let payload = scanner.bytes.span.extracting(payload)
                        let before = LogPosition(startPayload: payload)
                        guard before == place else {
                            let text = before?.isNotWhereItEnds(place)
                            throw damage(number, scanner.offset, text ?? "it has no start")
                        }
                    }
                    place = LogPosition(
                        segment: number,
                        offset: scanner.offset,
                        batch: header.batch
                    )
                    guard header.kind == .change else { continue }
                    let record = scanner.bytes.span.extracting(payload)
                    guard try visit(header.zxid, record) else { return place }
                case .blank where number < end.segment: break records
                case .blank, .torn, .cut:
                    throw damage(number, scanner.offset, "a record is not there")
                }
            }
        }
        return end
    }

    /// Reads all that the log has behind a place, and finds out where it ends.
    ///
    /// What is read is on the disk: it is synced before, as the process that wrote it may have died before its own
    /// sync, and read from there, as that sync may have failed.
    ///
    /// - Parameters:
    ///   - start: Where the tree at rest stands.
    ///   - zxid: The tree's there.
    ///   - progress: Called from time to time with the bytes read.
    ///   - visit: Called for each change in order.
    /// - Returns: The end, with what a crash tore off; nil where no segment was ever made.
    /// - Throws: `StorageError` `.damaged` or `.unknownFormat` for bytes that no crash explains; what `visit`
    ///   throws.
    public func recover(
        from start: LogPosition,
        zxid: Int64,
        progress: (Int) -> Void = { _ in },
        _ visit: Visitor
    ) throws(StorageError) -> LogEnd? {
        // Of those before the start some may be back after a power cut; they are of no use.
        let names = try files.names(in: directory)
        let wanted = names.compactMap { Segment.number(of: $0) }.filter { $0 >= start.segment }
            .sorted()
        guard let first = wanted.first, let last = wanted.last else {
            guard start == .start else { throw missing(start.segment) }
            return nil
        }
        guard first == start.segment || start == .start && first == 1 else {
            throw missing(max(1, start.segment))
        }
        var recovery = LogRecovery(zxid: zxid, start: start)
        for (index, number) in wanted.enumerated() {
            guard number == first + UInt32(index) else { throw missing(number - 1) }
            let segment = try open(number)
            defer { files.close(segment.file) }
            try files.sync(segment.file)
            try files.dropCached(segment.file)
            let offset = number == start.segment ? start.offset : 0
            var scanner = try scanner(of: segment, from: offset)
            try recovery.scan(&scanner, segment, in: directory, isLast: number == last, visit)
            guard number < last || !scanner.isCut else { throw missing(number + 1) }
            progress(scanner.offset)
        }
        return recovery.end
    }

    private func open(_ number: UInt32) throws(StorageError) -> Segment {
        try Segment.open(number: number, in: directory, for: .reading, on: files)
    }

    private func scanner(
        of segment: Segment,
        from offset: Int
    ) throws(StorageError) -> SegmentScanner {
        let offset = max(offset, LogFormat.segmentHeaderBytes)
        return try SegmentScanner(segment, from: offset, on: files)
    }

    private func damage(_ number: UInt32, _ offset: Int, _ what: String) -> StorageError {
        StorageError(.damaged, directory + "/" + Segment.name(number), at: offset, what)
    }

    private func missing(_ number: UInt32) -> StorageError {
        let path = directory + "/" + Segment.name(number)
        return StorageError(.damaged, path, "it is missing, and what it has is nowhere else")
    }
}
