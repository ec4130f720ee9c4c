import Storage
import Synchronization

/// The machine's files, on a disk that is full or fails when a test says so.
final class FullDisk: FileSystem {
    struct Trouble: Equatable {
        /// Bytes of the log that still fit; nil for as many as there are.
        var roomLeft: Int?
        /// The sync of a segment fails, as that of a full network file system does.
        var failsToSync = false
    }

    let trouble = Mutex(Trouble())
    private let disk = Disk()

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

    func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        try disk.open(path, for: purpose)
    }

    func close(_ file: FileHandle) { disk.close(file) }

    func size(of file: FileHandle) throws(StorageError) -> Int { try disk.size(of: file) }

    func read(_ count: Int, at offset: Int, of file: FileHandle) throws(StorageError) -> [UInt8] {
        try disk.read(count, at: offset, of: file)
    }

    func truncate(_ file: FileHandle, to size: Int) throws(StorageError) {
        try disk.truncate(file, to: size)
    }

    func dropCached(_ file: FileHandle) throws(StorageError) { try disk.dropCached(file) }

    func names(in directory: String) throws(StorageError) -> [String] {
        try disk.names(in: directory)
    }

    func makeDirectory(_ directory: String) throws(StorageError) {
        try disk.makeDirectory(directory)
    }

    func rename(_ path: String, to newPath: String) throws(StorageError) {
        try disk.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(StorageError) { try disk.remove(path) }

    func syncDirectory(_ directory: String) throws(StorageError) {
        try disk.syncDirectory(directory)
    }
}
