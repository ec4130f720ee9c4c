import TestSupport
import Wire

@testable import Storage

/// A log whose records are believed whatever their checksum says: each is made right before it is read.
///
/// What a reader without a check of the checksum would do. A record is taken for one by its header alone.
final class UncheckedLog: ForwardingFiles {
    let disk: SimulatedDisk
    private let names = Names()

    /// Paths of open files.
    ///
    /// SAFETY of `@unchecked Sendable`: the one thread of its test uses it.
    private final class Names: @unchecked Sendable {
        var of: [FileHandle: String] = [:]
    }

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        let file = try disk.open(path, for: purpose)
        names.of[file] = path
        return file
    }

    func read(_ count: Int, at offset: Int, of file: FileHandle) throws(StorageError) -> [UInt8] {
        let bytes = try disk.read(count, at: offset, of: file)
        guard let name = names.of[file]?.split(separator: "/").last,
            let number = Segment.number(of: String(name)), offset % LogFormat.alignment == 0
        else { return bytes }
        return Self.corrected(bytes, from: offset, segment: number)
    }

    private static func corrected(_ bytes: [UInt8], from offset: Int, segment: UInt32) -> [UInt8] {
        var bytes = bytes
        var place = max(0, LogFormat.segmentHeaderBytes - offset)
        while place + LogFormat.recordHeaderBytes <= bytes.count {
            let end = place + LogFormat.recordHeaderBytes
            guard let header = RecordHeader(bytes.span.extracting(place..<end)),
                end + header.length <= bytes.count
            else { break }
            var checksum = Checksum(seed: segment)
            let checked = place + RecordHeader.checksumBytes..<end + header.length
            checksum.add(bytes.span.extracting(checked))
            for index in 0..<4 {
                let shift = UInt32(24 - 8 * index)
                bytes[place + index] = UInt8(truncatingIfNeeded: checksum.value >> shift)
            }
            place += LogBatch.recordBytes(payload: header.length)
        }
        return bytes
    }

    func close(_ file: FileHandle) {
        names.of[file] = nil
        disk.close(file)
    }
}
