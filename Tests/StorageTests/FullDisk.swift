import Storage
import Synchronization
import TestSupport

/// The machine's files, on a disk that is full or fails when a test says so.
final class FullDisk: ForwardingFiles {
    struct Trouble: Equatable {
        /// Bytes of the log that still fit; nil for as many as there are.
        var roomLeft: Int?
        /// The sync of a segment fails, as that of a full network file system does.
        var failsToSync = false
    }

    let trouble = Mutex(Trouble())
    let disk = Disk()

    func write(_ bytes: Span<UInt8>, at offset: Int, of file: FileHandle) throws(StorageError) {
        let fitting = trouble.withLock { trouble in
            guard let left = trouble.roomLeft else { return bytes.count }
            trouble.roomLeft = max(0, left - bytes.count)
            return min(left, bytes.count)
        }
        try disk.write(bytes.extracting(0..<fitting), at: offset, of: file)
        guard fitting < bytes.count else { return }
        throw StorageError(.noSpace, "segment", at: offset + fitting, "it is full", cause: 28)
    }

    func sync(_ file: FileHandle) throws(StorageError) {
        guard !trouble.withLock({ $0.failsToSync }) else {
            throw StorageError(.noSpace, "segment", "fdatasync failed", cause: 28)
        }
        try disk.sync(file)
    }
}
