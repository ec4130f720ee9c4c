public import Storage

/// Files that stand on others: what a conformer does not do by itself, those do.
public protocol ForwardingFiles: FileSystem {
    associatedtype Base: FileSystem
    /// What they stand on.
    var disk: Base { get }
}

extension ForwardingFiles {
    /// As `disk` does.
    public func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        try disk.open(path, for: purpose)
    }

    /// As `disk` does.
    public func close(_ file: FileHandle) { disk.close(file) }

    /// As `disk` does.
    public func size(of file: FileHandle) throws(StorageError) -> Int { try disk.size(of: file) }

    /// As `disk` does.
    public func read(
        _ count: Int,
        at offset: Int,
        of file: FileHandle
    ) throws(StorageError) -> [UInt8] {
        try disk.read(count, at: offset, of: file)
    }

    /// As `disk` does.
    public func write(
        _ bytes: Span<UInt8>,
        at offset: Int,
        of file: FileHandle
    ) throws(StorageError) {
        try disk.write(bytes, at: offset, of: file)
    }

    /// As `disk` does.
    public func truncate(_ file: FileHandle, to size: Int) throws(StorageError) {
        try disk.truncate(file, to: size)
    }

    /// As `disk` does.
    public func sync(_ file: FileHandle) throws(StorageError) { try disk.sync(file) }

    /// As `disk` does.
    public func dropCached(_ file: FileHandle) throws(StorageError) { try disk.dropCached(file) }

    /// As `disk` does.
    public func names(in directory: String) throws(StorageError) -> [String] {
        try disk.names(in: directory)
    }

    /// As `disk` does.
    public func makeDirectory(_ directory: String) throws(StorageError) {
        try disk.makeDirectory(directory)
    }

    /// As `disk` does.
    public func rename(_ path: String, to newPath: String) throws(StorageError) {
        try disk.rename(path, to: newPath)
    }

    /// As `disk` does.
    public func remove(_ path: String) throws(StorageError) { try disk.remove(path) }

    /// As `disk` does.
    public func syncDirectory(_ directory: String) throws(StorageError) {
        try disk.syncDirectory(directory)
    }
}
