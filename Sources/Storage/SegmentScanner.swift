/// Goes through the records of one segment, each checked before it is given out.
///
/// It stops at the first bytes that are no record, and can say why. Owner: whoever made it, on one thread.
struct SegmentScanner: ~Copyable {
    /// What comes next.
    enum Step {
        /// A whole record; its payload is in `bytes` at this place.
        case record(RecordHeader, payload: Range<Int>)
        /// Nothing was written here.
        case blank
        /// Something that is no whole record.
        case torn(String)
        /// The file is shorter than the segment, and ends within a record: no crash leaves that.
        case cut(String)
    }

    private let files: any FileSystem
    private let segment: Segment
    /// Bytes of the file; where the log was gone on with in another segment, it ends behind its last record.
    private let fileBytes: Int
    /// Of the next record.
    private(set) var offset: Int
    /// A piece of the file.
    private(set) var bytes: [UInt8] = []
    /// Where in the file the piece starts.
    private var start = 0

    init(_ segment: Segment, from offset: Int, on files: any FileSystem) throws(StorageError) {
        (self.files, self.segment, self.offset) = (files, segment, offset)
        fileBytes = min(try files.size(of: segment.file), segment.size)
    }

    /// True when the file was cut behind its last record, as another segment follows.
    var isCut: Bool { fileBytes < segment.size }

    /// The record at `offset`, which then stands behind it.
    mutating func next() throws(StorageError) -> Step {
        guard try load(LogFormat.recordHeaderBytes) else { return try rest() }
        guard let header = header(at: offset - start) else {
            let zeros = bytes.span.extracting((offset - start)...).zerosAtStart
            return zeros >= LogFormat.recordHeaderBytes ? .blank : .torn("this is no record")
        }
        let size = LogBatch.recordBytes(payload: header.length)
        guard try load(size) else {
            guard offset + size <= segment.size else {
                return .torn("a record of \(size) bytes reaches beyond the segment")
            }
            return .cut("the file was cut to \(fileBytes) of \(segment.size) bytes, in a record")
        }
        let payload = offset - start + LogFormat.recordHeaderBytes
        let range = payload..<payload + header.length
        guard isSound(range) else { return .torn("the checksum of a record is wrong") }
        offset += size
        return .record(header, payload: range)
    }

    /// The next place behind `offset` that has a whole record of a batch from `batch` on; nil for none.
    ///
    /// - Complexity: O(rest of the file).
    mutating func record(ofBatchFrom batch: UInt32) throws(StorageError) -> Int? {
        let before = offset
        let found = try search(batch)
        offset = before
        return found
    }

    private mutating func search(_ batch: UInt32) throws(StorageError) -> Int? {
        offset += LogFormat.alignment
        while try load(LogFormat.recordHeaderBytes) {
            let place = offset - start
            let zeros = bytes.span.extracting(place...).zerosAtStart
            guard zeros < LogFormat.recordHeaderBytes else {
                skip(zeros: zeros)
                continue
            }
            if let header = header(at: place), header.isInBatch(from: batch),
                header.length <= segment.capacity,
                try load(LogBatch.recordBytes(payload: header.length))
            {
                let payload = offset - start + LogFormat.recordHeaderBytes
                if isSound(payload..<payload + header.length) { return offset }
            }
            offset += LogFormat.alignment
        }
        return nil
    }

    /// Steps over where a whole header of zeros stands.
    private mutating func skip(zeros: Int) {
        offset +=
            ((zeros - LogFormat.recordHeaderBytes) / LogFormat.alignment + 1) * LogFormat.alignment
    }

    /// Less than a header is left.
    private mutating func rest() throws(StorageError) -> Step {
        let count = fileBytes - offset
        guard count > 0, try load(count) else { return .blank }
        return bytes[(offset - start)...].allSatisfy { $0 == 0 }
            ? .blank : .torn("this is no record")
    }

    private func header(at place: Int) -> RecordHeader? {
        RecordHeader(bytes.span.extracting(place..<place + LogFormat.recordHeaderBytes))
    }

    private func isSound(_ payload: Range<Int>) -> Bool {
        let head = payload.lowerBound - LogFormat.recordHeaderBytes
        let record = bytes.span.extracting(head..<payload.upperBound)
        var checksum = Checksum(seed: segment.number)
        checksum.add(record.extracting(RecordHeader.checksumBytes...))
        return checksum.value == RecordHeader.checksum(record)
    }

    /// Makes sure that so many bytes from `offset` on are in the piece; false where the file ends before.
    private mutating func load(_ count: Int) throws(StorageError) -> Bool {
        guard offset + count <= fileBytes else { return false }
        guard offset < start || offset + count > start + bytes.count else { return true }
        let wanted = min(max(count, Limits.logBytesPerRead), fileBytes - offset)
        bytes = try files.read(wanted, at: offset, of: segment.file)
        start = offset
        return bytes.count >= count
    }
}
