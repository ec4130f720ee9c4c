import Storage
import Synchronization
import TestSupport

/// The machine's files, and where in them something was written.
final class WriteRecorder: ForwardingFiles {
    let disk = Disk()
    let ranges = Mutex<[Range<Int>]>([])

    func write(_ bytes: Span<UInt8>, at offset: Int, of file: FileHandle) throws(StorageError) {
        ranges.withLock { $0.append(offset..<offset + bytes.count) }
        try disk.write(bytes, at: offset, of: file)
    }
}
