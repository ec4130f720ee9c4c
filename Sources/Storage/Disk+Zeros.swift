internal import CLinux
internal import Glibc

extension Disk {
    /// Writes zeros past the kernel's memory where the file system can do that (open(2), O_DIRECT).
    ///
    /// What is reserved for later need not be in memory until then, and so costs a tenth of the processor's time.
    public func writeZeros(_ range: Range<Int>, of file: FileHandle) throws(StorageError) {
        let page = Limits.cachePageBytes
        let first = min((range.lowerBound + page - 1) / page * page, range.upperBound)
        let end = max(first, range.upperBound / page * page)
        // Parts of pages, and what the file system knows no other way for.
        try writeZeroPieces(range.lowerBound..<first, of: file)
        let done = Self.writeDirectZeros(first..<end, of: file)
        try writeZeroPieces(done..<range.upperBound, of: file)
    }

    /// Writes as far as it goes: what is in the way then meets whoever goes on by `write`, and is told there.
    ///
    /// - Parameters:
    ///   - range: Whole pages.
    ///   - file: Open for writing.
    /// - Returns: The offset behind the last zero.
    private static func writeDirectZeros(_ range: Range<Int>, of file: FileHandle) -> Int {
        guard !range.isEmpty else { return range.lowerBound }
        // A descriptor of its own, so that all other writes go on as they are.
        let link = "/proc/self/fd/\(file.number)"
        let descriptor = unsafe muster_open_direct(link)
        guard descriptor >= 0 else { return range.lowerBound }
        defer { _ = Glibc.close(descriptor) }
        let size = min(range.count, Limits.zeroBytesPerWrite)
        let zeros = UnsafeMutableRawBufferPointer.allocate(
            byteCount: size,
            alignment: Limits.cachePageBytes
        )
        defer { unsafe zeros.deallocate() }
        _ = unsafe zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(size, range.upperBound - offset)
            // SAFETY: the kernel reads at most as many bytes as there are, during the call only.
            let written = unsafe pwrite(descriptor, zeros.baseAddress, count, off_t(offset))
            if written < 0, errno == EINTR { continue }
            // A part of a page cannot be gone on behind this way.
            guard written > 0, written % Limits.cachePageBytes == 0 else { return offset }
            offset += written
        }
        return offset
    }
}
