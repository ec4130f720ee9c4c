import TestSupport
import Testing

@testable import Storage

/// The machine's own files, where they go another way than byte by byte.
@Suite struct DiskTests {
    @Test(arguments: [
        0..<0, 0..<1, 5..<4_096, 0..<4_096, 4_096..<8_192, 4_095..<4_097, 100..<20_000,
        32..<3_000_000, 8_192..<2_097_153,
    ])
    func `zeros stand where they were wanted and nowhere else`(range: Range<Int>) throws {
        let directory = try TemporaryDirectory()
        let disk = Disk()
        let file = try disk.open(directory.path + "/file", for: .creating)
        defer { disk.close(file) }
        let before = [UInt8](repeating: 7, count: 10_000)
        try disk.write(before.span, at: 0, of: file)
        try disk.writeZeros(range, of: file)
        try disk.sync(file)
        let size = max(before.count, range.isEmpty ? 0 : range.upperBound)
        #expect(try disk.size(of: file) == size)
        let bytes = try disk.read(size + 1, at: 0, of: file)
        let expected = (0..<size).map { UInt8(range.contains($0) || $0 >= before.count ? 0 : 7) }
        #expect(bytes == expected)
        // As they are on the disk, too.
        try disk.dropCached(file)
        #expect(try disk.read(size + 1, at: 0, of: file) == expected)
    }

    @Test func `zeros for a file that is open for reading only are refused`() throws {
        let directory = try TemporaryDirectory()
        let disk = Disk()
        let path = directory.path + "/file"
        disk.close(try disk.open(path, for: .creating))
        let file = try disk.open(path, for: .reading)
        defer { disk.close(file) }
        let error = #expect(throws: StorageError.self) { try disk.writeZeros(1..<9, of: file) }
        #expect(error?.code == .failed)
    }
}
