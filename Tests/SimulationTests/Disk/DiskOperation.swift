/// Something that changes a simulated disk, or makes it sure: where a crash can come.
enum DiskOperation: Equatable, CustomStringConvertible {
    case create(String)
    case write(String, offset: Int, count: Int)
    case truncate(String, size: Int)
    case sync(String)
    case makeDirectory(String)
    case rename(String, to: String)
    case remove(String)
    case syncDirectory(String)

    /// The file or folder that it is about.
    var path: String {
        switch self {
        case .create(let path), .write(let path, _, _), .truncate(let path, _), .sync(let path),
            .makeDirectory(let path), .rename(let path, _), .remove(let path),
            .syncDirectory(let path):
            path
        }
    }

    var description: String {
        switch self {
        case .create(let path): "create \(path)"
        case .write(let path, let offset, let count): "write \(path) \(count) at \(offset)"
        case .truncate(let path, let size): "truncate \(path) to \(size)"
        case .sync(let path): "sync \(path)"
        case .makeDirectory(let path): "makeDirectory \(path)"
        case .rename(let path, let target): "rename \(path) to \(target)"
        case .remove(let path): "remove \(path)"
        case .syncDirectory(let path): "syncDirectory \(path)"
        }
    }
}

/// What becomes of an operation.
enum DiskVerdict {
    case proceed
    /// It fails: a write in the middle, a sync with some of it on the disk.
    case fail
    /// There is no room for it: a write ends in the middle.
    case refuse
    /// It says that all went well and does nothing.
    case pretend
    /// The process ends, before it, in the middle of it, or when it is done and has not returned.
    case crash(CrashMoment)
}

enum CrashMoment: CaseIterable { case before, amid, after }
