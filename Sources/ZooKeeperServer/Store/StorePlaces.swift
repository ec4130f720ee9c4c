import ServiceModel
import Storage

/// The names that a store goes through when another one takes its place.
///
/// Step of the data flow: the last of a restore. There is always a complete store under one of the three names,
/// so that after a crash at any moment the next restore goes on with it, and a start does not begin with an empty
/// tree. Owner: whoever restores, with no daemon on the folder.
struct StorePlaces {
    /// Where the store is.
    let directory: String
    /// The new store, until it has its place.
    var coming: String { directory + ".restoring" }
    /// The old store, while the new one takes its place.
    var leaving: String { directory + ".leaving" }
    private let files: any FileSystem

    init(_ directory: String, _ files: any FileSystem) {
        (self.directory, self.files) = (directory, files)
    }

    /// The folder that an interrupted restore has left where there is no store; nil for none.
    var leftover: String? {
        guard !Self.exists(directory, files) else { return nil }
        return [leaving, coming].first(where: hasTree)
    }

    /// Ends what an interrupted restore has begun: the old store gets its place back, or the name it is kept under.
    func settle(at time: UnixTime) throws(StorageError) {
        guard Self.exists(leaving, files) else { return }
        let hasCome = Self.exists(directory, files)
        try files.rename(leaving, to: hasCome ? freeName(at: time) : directory)
        try files.syncDirectory(of: directory)
    }

    /// Moves the old store away and the new one into its place.
    ///
    /// - Parameter time: What the calendar says.
    /// - Returns: Where the old one is; nil where there was none.
    /// - Throws: `RegistryError` `.storage` that says which store is where.
    func exchange(at time: UnixTime) throws(RegistryError) -> String? {
        let hasOld = Self.exists(directory, files)
        do throws(StorageError) {
            if hasOld { try files.rename(directory, to: leaving) }
        } catch {
            throw failure(error, "nothing was touched")
        }
        do throws(StorageError) {
            try files.rename(coming, to: directory)
        } catch {
            throw failure(error, hasOld ? putBack() : "nothing was touched")
        }
        let replaced = hasOld ? keepOld(at: time) : nil
        do throws(StorageError) {
            try files.syncDirectory(of: directory)
        } catch {
            throw failure(
                error,
                "the backup is in \(directory), but a power cut may undo that; restore it once more"
            )
        }
        return replaced
    }

    /// Gives the old store the name that it is kept under, if that can be done.
    private func keepOld(at time: UnixTime) -> String {
        do throws(StorageError) {
            let name = freeName(at: time)
            try files.rename(leaving, to: name)
            return name
        } catch {
            return leaving
        }
    }

    /// Gives the old store its place back, and says what came of it.
    private func putBack() -> String {
        do throws(StorageError) {
            try files.rename(leaving, to: directory)
            return "what was there is in its place again"
        } catch {
            return "what was there is in \(leaving), and could not be moved back: \(error)"
        }
    }

    /// What an old store is called when all is done.
    private func freeName(at time: UnixTime) -> String {
        var number = time.milliseconds
        while Self.exists(directory + ".replaced-\(number)", files) { number += 1 }
        return directory + ".replaced-\(number)"
    }

    private func failure(_ error: StorageError, _ outcome: String) -> RegistryError {
        RegistryError(.storage, "restore: \(error); \(outcome)", cause: error)
    }

    private func hasTree(_ folder: String) -> Bool {
        do throws(StorageError) {
            return try files.names(in: folder).contains(OpenedStore.databaseName)
        } catch {
            return false
        }
    }

    /// True for a folder, also for one that cannot be read.
    static func exists(_ directory: String, _ files: any FileSystem) -> Bool {
        do throws(StorageError) {
            _ = try files.names(in: directory)
            return true
        } catch {
            return error.code != .notFound
        }
    }
}
