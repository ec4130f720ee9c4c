/// The seam between the store and the machine's files: every byte of the log passes through it.
///
/// Two conformers: `Disk`, which is the machine's, and the simulated disk of the tests, which forgets, reorders
/// and tears what was not synced. So it promises no more than POSIX does: what was written is sure to
/// survive a power cut only after `sync` of its file, and a name only after `syncDirectory` of its folder. Calls
/// block. A handle is used by one thread at a time.
public protocol FileSystem: Sendable {
    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - purpose: What for.
    /// - Returns: A handle, to be closed.
    /// - Throws: `StorageError` `.notFound` or `.failed`; `.noSpace` when a new one has no room.
    func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle

    /// Gives the handle back; what was not synced stays unsure.
    func close(_ file: FileHandle)

    /// Bytes in the file.
    ///
    /// - Throws: `StorageError` `.failed`.
    func size(of file: FileHandle) throws(StorageError) -> Int

    /// Reads bytes.
    ///
    /// - Parameters:
    ///   - count: At most so many.
    ///   - offset: From here on.
    ///   - file: Opened for any purpose.
    /// - Returns: `count` bytes; fewer at the end of the file only.
    /// - Throws: `StorageError` `.failed`.
    func read(_ count: Int, at offset: Int, of file: FileHandle) throws(StorageError) -> [UInt8]

    /// Writes all bytes; the file grows where they reach beyond its end.
    ///
    /// - Parameters:
    ///   - bytes: What to write.
    ///   - offset: Where.
    ///   - file: Not opened for reading only.
    /// - Throws: `StorageError` `.noSpace` or `.failed`; any part may be written then.
    func write(_ bytes: Span<UInt8>, at offset: Int, of file: FileHandle) throws(StorageError)

    /// Writes zeros; the file grows where they reach beyond its end.
    ///
    /// - Parameters:
    ///   - range: Where.
    ///   - file: Not opened for reading only.
    /// - Throws: `StorageError` `.noSpace` or `.failed`; any part may be written then.
    func writeZeros(_ range: Range<Int>, of file: FileHandle) throws(StorageError)

    /// Cuts the file, or lets it grow by zeros.
    ///
    /// - Throws: `StorageError` `.failed`.
    func truncate(_ file: FileHandle, to size: Int) throws(StorageError)

    /// Returns when the file's bytes and size survive a power cut (fdatasync).
    ///
    /// - Throws: `StorageError` `.noSpace` or `.failed`; either way nothing is known of what was not synced before
    ///   then, and a second call tells nothing about it.
    func sync(_ file: FileHandle) throws(StorageError)

    /// Lets go of what the kernel keeps of the file in memory, but for what was not written yet.
    ///
    /// After a sync that failed, in this process or one before, the kernel may show bytes that it does not have on
    /// the disk and will not write any more. What is read after a `sync` and this call, a power cut would leave.
    ///
    /// - Throws: `StorageError` `.failed`.
    func dropCached(_ file: FileHandle) throws(StorageError)

    /// Names in a folder, without order.
    ///
    /// - Throws: `StorageError` `.notFound` or `.failed`.
    func names(in directory: String) throws(StorageError) -> [String]

    /// Makes a folder, and those above it; it may be there already.
    ///
    /// - Throws: `StorageError` `.noSpace` or `.failed`.
    func makeDirectory(_ directory: String) throws(StorageError)

    /// Gives a file or folder another name, in place of what has that name.
    ///
    /// - Throws: `StorageError` `.notFound` or `.failed`.
    func rename(_ path: String, to newPath: String) throws(StorageError)

    /// Removes a file.
    ///
    /// - Throws: `StorageError` `.notFound` or `.failed`.
    func remove(_ path: String) throws(StorageError)

    /// Returns when the folder's names survive a power cut (fsync).
    ///
    /// - Throws: `StorageError` `.failed`.
    func syncDirectory(_ directory: String) throws(StorageError)
}

extension FileSystem {
    /// Writes zeros as `write` does.
    public func writeZeros(_ range: Range<Int>, of file: FileHandle) throws(StorageError) {
        try writeZeroPieces(range, of: file)
    }

    /// Writes zeros by `write`, a piece at a time.
    func writeZeroPieces(_ range: Range<Int>, of file: FileHandle) throws(StorageError) {
        let zeros = [UInt8](repeating: 0, count: min(range.count, Limits.zeroBytesPerWrite))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try write(zeros.span.extracting(..<count), at: offset, of: file)
            offset += count
        }
    }
}

/// A file that is open.
public struct FileHandle: Hashable, Sendable {
    /// The conformer's own number for it; the descriptor of the machine's.
    public let number: Int32

    /// - Parameter number: The conformer's own number for it.
    public init(number: Int32) { self.number = number }
}

/// What a file is opened for.
public enum FilePurpose: Sendable {
    /// Reading; the file must be there.
    case reading
    /// Reading and writing; the file must be there.
    case writing
    /// Reading and writing; a new, empty file, in place of one that is there.
    case creating
}
