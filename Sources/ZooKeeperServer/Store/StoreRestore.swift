public import ServiceModel
import Storage
import ZNodeTree

/// Goes back to a backup: puts a new store in the place of the present one, which is kept under another name.
///
/// Step of the data flow: before everything else, with no daemon on the folder. The backup is read in full before
/// anything is touched; the new store is complete on the disk before it gets its name; the present one is
/// moved and never changed. Sessions and ephemerals are left out: their owners come with new sessions. The new
/// store goes on from a zxid above all that clients may have seen, so that none is turned away for ever.
public struct StoreRestore: Sendable {
    /// Znodes in the new store.
    public let znodes: Int
    /// Last change that the backup has.
    public let backupZxid: Int64
    /// Changes of the new store come behind this one.
    public let zxid: Int64
    /// Where the store that was there is now; nil where there was none.
    public let replaced: String?
    /// Why it is not known how far the old store was; nil where it is.
    public let doubt: String?

    /// Goes back to a backup.
    ///
    /// - Parameters:
    ///   - backup: As `muster server backup` made it; by its own name, not that of a link.
    ///   - directory: The store's; nobody else may use it meanwhile.
    ///   - time: What the calendar says.
    /// - Throws: `RegistryError` `.storage` that says what is wrong, how the store is now, and what to do.
    public init(from backup: String, to directory: String, at time: UnixTime) throws(RegistryError)
    {
        try self.init(backup, directory, time, Disk())
    }

    init(
        _ backup: String,
        _ directory: String,
        _ time: UnixTime,
        _ files: any FileSystem
    ) throws(RegistryError) {
        let places = StorePlaces(directory, files)
        do throws(StorageError) {
            try RegistryFolder.requireNone(around: backup, for: directory, files)
            let copy = try TreeDatabase.check(backup)
            try RegistryFolder.requireNoLog(behind: copy, of: backup, for: directory, files)
            try places.settle(at: time)
            let old = Self.lastZxid(in: directory, files)
            zxid = try Self.firstZxid(after: max(copy.zxid, old.zxid), at: time, backup)
            (backupZxid, doubt) = (copy.zxid, old.doubt)
            znodes = try Self.make(in: places.coming, from: backup, zxid, files)
        } catch {
            let advice =
                switch error.code {
                case .notFound: "name a file that muster server backup wrote"
                case .damaged: "nothing was touched; take another backup"
                case .unknownFormat:
                    "nothing was touched; it is of another version of musterd, or no backup"
                case .noSpace: "nothing was touched; free some room"
                default: "nothing was touched"
                }
            throw RegistryError(.storage, "restore: \(error); \(advice)", cause: error)
        }
        replaced = try places.exchange(at: time)
    }

    /// Why a store must not begin anew where there is none: a restore was interrupted.
    ///
    /// - Parameter directory: The store's.
    /// - Returns: The folder that the restore has left; nil where there is nothing to go on with.
    public static func leftover(_ directory: String) -> String? {
        StorePlaces(directory, Disk()).leftover
    }
}

extension StoreRestore {
    /// The last change of the store that is there, as far as it can be read.
    private static func lastZxid(
        in directory: String,
        _ files: any FileSystem
    ) -> (zxid: Int64, doubt: String?) {
        guard StorePlaces.exists(directory, files) else { return (0, nil) }
        var zxid: Int64 = 0
        do throws(StorageError) {
            let database = try Database(directory + "/" + OpenedStore.databaseName, for: .reading)
            let state = try TreeDatabase.state(of: database)
            zxid = state.zxid
            let reader = LogReader(in: directory, on: files)
            _ = try reader.recover(from: state.position, zxid: state.zxid) {
                (found, _) throws(StorageError) in zxid = max(zxid, found)
            }
            return (zxid, nil)
        } catch {
            return (zxid, "\(error)")
        }
    }

    /// Where the new store's zxids begin: an epoch above all that there was.
    private static func firstZxid(
        after last: Int64,
        at time: UnixTime,
        _ backup: String
    ) throws(StorageError) -> Int64 {
        let highest = max(last, RegistryConfiguration.firstZxid(at: time))
        let epoch = (highest >> Limits.epochBits) + 1
        guard epoch <= Limits.zxidMax >> Limits.epochBits else {
            let text = "zxid 0x\(String(highest, radix: 16)) leaves no room for any behind it"
            throw StorageError(.damaged, backup, text)
        }
        return epoch << Limits.epochBits
    }

    /// Makes the new store, complete and on the disk, or nothing.
    private static func make(
        in folder: String,
        from backup: String,
        _ zxid: Int64,
        _ files: any FileSystem
    ) throws(StorageError) -> Int {
        try clear(folder, files)
        try files.makeDirectory(folder)
        var random = SystemRandomNumberGenerator()
        let key = (0..<TreeDatabase.passwordKeyBytes).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        do throws(StorageError) {
            let znodes = try TreeDatabase.restore(
                backup,
                to: folder + "/" + OpenedStore.databaseName,
                origin: TreeDatabase.State(zxid: zxid, passwordKey: key),
                in: files
            )
            try files.syncDirectory(folder)
            return znodes
        } catch {
            // The first trouble is the one to tell of.
            do throws(StorageError) { try clear(folder, files) } catch _ {}
            throw error
        }
    }

    /// Removes what an interrupted restore has left.
    private static func clear(_ part: String, _ files: any FileSystem) throws(StorageError) {
        guard StorePlaces.exists(part, files) else { return }
        for name in try files.names(in: part) { try files.remove(part + "/" + name) }
    }
}
