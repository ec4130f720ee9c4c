import Wire

/// One file of the log, made whole before it is used: zero-filled, so that writing into it moves no metadata.
///
/// Owner: the thread that reserves it, then the log's writer.
public struct Segment: Sendable {
    /// From 1 on, one after the other.
    public let number: UInt32
    /// Bytes of its file, the header included.
    public let size: Int
    let file: FileHandle

    /// Bytes for records.
    public var capacity: Int { size - LogFormat.segmentHeaderBytes }

    /// Makes the file of a segment, or makes it anew; returns when it survives a power cut, name and all.
    ///
    /// - Parameters:
    ///   - number: From 1 on.
    ///   - size: Bytes of the file.
    ///   - directory: Where the log is.
    ///   - files: Where that is.
    /// - Returns: The segment, open.
    /// - Throws: `StorageError` `.noSpace` or `.failed`; nothing is left under its name then.
    public static func reserve(
        number: UInt32,
        size: Int,
        in directory: String,
        on files: some FileSystem
    ) throws(StorageError) -> Segment {
        let path = directory + "/" + name(number)
        let unfinished = path + unfinishedSuffix
        let file = try files.open(unfinished, for: .creating)
        do throws(StorageError) {
            try files.write(header(number: number, size: size).span, at: 0, of: file)
            try files.writeZeros(LogFormat.segmentHeaderBytes..<size, of: file)
            try files.sync(file)
            try files.rename(unfinished, to: path)
            try files.syncDirectory(directory)
        } catch {
            files.close(file)
            removeUnfinished(unfinished, files)
            throw error
        }
        return Segment(number: number, size: size, file: file)
    }

    /// Gives the file of a segment back that is not wanted any more; it stays, as one that was never used.
    public func close(on files: some FileSystem) { files.close(file) }

    /// Removes the segments that `tree.db` has all of.
    ///
    /// - Parameters:
    ///   - position: Where `tree.db` stands, durably.
    ///   - directory: Where the log is.
    ///   - files: Where that is.
    /// - Throws: `StorageError` `.failed`.
    public static func removeCovered(
        by position: LogPosition,
        in directory: String,
        on files: some FileSystem
    ) throws(StorageError) {
        for name in try files.names(in: directory) {
            guard let number = number(of: name), number < position.segment else { continue }
            try files.remove(directory + "/" + name)
        }
    }

    /// Removes what a reservation that was cut short has left.
    ///
    /// - Throws: `StorageError` `.failed`.
    public static func removeUnfinished(
        in directory: String,
        on files: some FileSystem
    ) throws(StorageError) {
        for name in try files.names(in: directory) where name.hasSuffix(suffix + unfinishedSuffix) {
            try files.remove(directory + "/" + name)
        }
    }

    /// What was written of it takes room for nothing; where it cannot be removed the next start does it.
    private static func removeUnfinished(_ path: String, _ files: some FileSystem) {
        do throws(StorageError) { try files.remove(path) } catch { return }
    }

    // MARK: Names

    static let unfinishedSuffix = ".new"
    private static let suffix = ".log"

    /// Such as `00000001.log`.
    static func name(_ number: UInt32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits + suffix
    }

    /// The number in a file's name; nil for other files.
    package static func number(of name: String) -> UInt32? {
        guard name.hasSuffix(suffix) else { return nil }
        return UInt32(name.dropLast(suffix.count))
    }

    // MARK: Header

    static func header(number: UInt32, size: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: LogFormat.segmentHeaderBytes)
        writer.writeBytes(LogFormat.magic)
        writer.writeUInt32(LogFormat.version)
        writer.writeUInt32(number)
        writer.writeInt64(Int64(size))
        var checksum = Checksum()
        checksum.add(writer.bytes.span)
        writer.writeUInt32(checksum.value)
        writer.writeUInt32(0)
        return writer.bytes
    }

    /// Opens a segment that is there, and checks its header.
    ///
    /// - Throws: `StorageError` `.damaged`, `.unknownFormat`, `.notFound` or `.failed`.
    static func open(
        number: UInt32,
        in directory: String,
        for purpose: FilePurpose,
        on files: some FileSystem
    ) throws(StorageError) -> Segment {
        let path = directory + "/" + name(number)
        let file = try files.open(path, for: purpose)
        do throws(StorageError) {
            let header = try files.read(LogFormat.segmentHeaderBytes, at: 0, of: file)
            let size = try size(from: header, number: number, path)
            return Segment(number: number, size: size, file: file)
        } catch {
            files.close(file)
            throw error
        }
    }

    private static func size(
        from header: [UInt8],
        number: UInt32,
        _ path: String
    ) throws(StorageError) -> Int {
        let fields: (version: UInt32, number: UInt32, size: Int64, checksum: UInt32)
        do throws(WireError) {
            var reader = ByteReader(header.span)
            guard try reader.readBytes(LogFormat.magic.count) == LogFormat.magic else {
                throw WireError(.badValue(0), at: 0)
            }
            fields = (
                try reader.readUInt32(), try reader.readUInt32(), try reader.readInt64(),
                try reader.readUInt32()
            )
        } catch {
            throw StorageError(.damaged, path, at: error.offset, "this is no segment of a log")
        }
        guard fields.version == LogFormat.version else {
            let known = "this program knows \(LogFormat.version)"
            throw StorageError(.unknownFormat, path, "its format is \(fields.version), \(known)")
        }
        var checksum = Checksum()
        checksum.add(header.span.extracting(..<LogFormat.checkedHeaderBytes))
        guard fields.checksum == checksum.value else {
            throw StorageError(.damaged, path, at: 0, "the checksum of its header is wrong")
        }
        guard fields.number == number else {
            throw StorageError(
                .damaged,
                path,
                at: 0,
                "it is segment \(fields.number) under this name"
            )
        }
        let least = Int64(LogFormat.segmentHeaderBytes + LogFormat.roomForStart)
        guard least...Limits.segmentBytesMax ~= fields.size else {
            throw StorageError(.damaged, path, at: 0, "it cannot have \(fields.size) bytes")
        }
        return Int(fields.size)
    }
}
