import Storage
import TestSupport

/// A disk whose failed syncs are called once more, as a program does that takes a second answer for an answer.
final class RetriedSync: ForwardingFiles {
    let disk: SimulatedDisk

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func sync(_ file: FileHandle) throws(StorageError) {
        do throws(StorageError) {
            try disk.sync(file)
        } catch {
            try disk.sync(file)
        }
    }
}
