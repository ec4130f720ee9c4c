import Storage

/// The machine's files, of which some do not get another name.
final class RefusedRenames: FileSystem {
    private let refused: Set<String>
    private let disk = Disk()

    init(_ refused: Set<String>) { self.refused = refused }

    func rename(_ path: String, to newPath: String) throws(StorageError) {
        guard !refused.contains(path) else { throw StorageError(.failed, path, "it is refused") }
        try disk.rename(path, to: newPath)
    }

    func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        try disk.open(path, for: purpose)
    }

    func close(_ file: FileHandle) { disk.close(file) }

    func size(of file: FileHandle) throws(StorageError) -> Int { try disk.size(of: file) }

    func read(_ count: Int, at offset: Int, of file: FileHandle) throws(StorageError) -> [UInt8] {
        try disk.read(count, at: offset, of: file)
    }

    func write(_ bytes: Span<UInt8>, at offset: Int, of file: FileHandle) throws(StorageError) {
        try disk.write(bytes, at: offset, of: file)
    }

    func truncate(_ file: FileHandle, to size: Int) throws(StorageError) {
        try disk.truncate(file, to: size)
    }

    func sync(_ file: FileHandle) throws(StorageError) { try disk.sync(file) }

    func dropCached(_ file: FileHandle) throws(StorageError) { try disk.dropCached(file) }

    func names(in directory: String) throws(StorageError) -> [String] {
        try disk.names(in: directory)
    }

    func makeDirectory(_ directory: String) throws(StorageError) {
        try disk.makeDirectory(directory)
    }

    func remove(_ path: String) throws(StorageError) { try disk.remove(path) }

    func syncDirectory(_ directory: String) throws(StorageError) {
        try disk.syncDirectory(directory)
    }
}
