import Storage

/// Tells what is no backup from what is one, before a restore loses what only the other has.
///
/// Step of the data flow: the first of a restore. A registry's folder has changes in its log that its `tree.db`
/// does not have yet, and would be restored without them; an export is lines of text.
enum RegistryFolder {
    /// Refuses a folder, and what an export wrote.
    static func requireNone(
        around backup: String,
        for directory: String,
        _ files: any FileSystem
    ) throws(StorageError) {
        guard !StorePlaces.exists(backup, files) else {
            throw refusal(backup, folder: backup, for: directory)
        }
        let file = try files.open(backup, for: .reading)
        defer { files.close(file) }
        if try files.read(1, at: 0, of: file) == [UInt8(ascii: "{")] {
            let text = "this is no backup; an export goes back with muster server import"
            throw StorageError(.failed, backup, text)
        }
    }

    /// Refuses a file that a log beside it goes on from.
    static func requireNoLog(
        behind state: TreeDatabase.State,
        of backup: String,
        for directory: String,
        _ files: any FileSystem
    ) throws(StorageError) {
        let folder = backup.lastIndex(of: "/").map { String(backup[..<$0]) } ?? "."
        let names = try files.names(in: folder.isEmpty ? "/" : folder)
        let goesOn = names.contains { name in
            Segment.number(of: name).map { $0 >= state.position.segment } ?? false
        }
        guard !goesOn else { throw refusal(backup, folder: folder, for: directory) }
    }

    private static func refusal(
        _ backup: String,
        folder: String,
        for directory: String
    ) -> StorageError {
        let text =
            folder == directory
            ? "this is the registry that is in place, not a backup"
            : "this is a registry's folder, not a backup; to go back to it move \(folder) back in "
                + "its place, \(directory)"
        return StorageError(.failed, backup, text)
    }
}
