import Storage
import TestSupport

/// The machine's files, of which some do not get another name.
final class RefusedRenames: ForwardingFiles {
    private let refused: Set<String>
    let disk = Disk()

    init(_ refused: Set<String>) { self.refused = refused }

    func rename(_ path: String, to newPath: String) throws(StorageError) {
        guard !refused.contains(path) else { throw StorageError(.failed, path, "it is refused") }
        try disk.rename(path, to: newPath)
    }
}
