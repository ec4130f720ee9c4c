@testable import Storage

/// A disk whose failed syncs are called once more, as a program does that takes a second answer for an answer.
final class RetriedSync: FileSystem {
    private let disk: SimulatedDisk

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func sync(_ file: FileHandle) throws(StorageError) {
        do throws(StorageError) {
            try disk.sync(file)
        } catch {
            try disk.sync(file)
        }
    }

    // MARK: All else is the disk's

    func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        try disk.open(path, for: purpose)
    }

    func read(_ count: Int, at offset: Int, of file: FileHandle) throws(StorageError) -> [UInt8] {
        try disk.read(count, at: offset, of: file)
    }

    func close(_ file: FileHandle) { disk.close(file) }

    func size(of file: FileHandle) throws(StorageError) -> Int { try disk.size(of: file) }

    func write(_ bytes: Span<UInt8>, at offset: Int, of file: FileHandle) throws(StorageError) {
        try disk.write(bytes, at: offset, of: file)
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
