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
    ///   - backup: As `muster server backup` made it.
    ///   - directory: The store's; nobody else may use it meanwhile.
    ///   - time: What the calendar says.
    /// - Throws: `RegistryError` `.storage` that says what is wrong and what to do; the store is as it was then.
    public init(from backup: String, to directory: String, at time: UnixTime) throws(RegistryError)
    {
        do throws(StorageError) {
            try self.init(backup, directory, time, Disk())
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
    }

    init(
        _ backup: String,
        _ directory: String,
        _ time: UnixTime,
        _ files: any FileSystem
    ) throws(StorageError) {
        let copy = try TreeDatabase.check(backup)
        let old = Self.lastZxid(in: directory, files)
        let calendar = RegistryConfiguration.firstZxid(at: time)
        let highest = max(copy.zxid, calendar, old.zxid)
        let zxid = ((highest >> Limits.epochBits) + 1) << Limits.epochBits
        let part = directory + Self.partSuffix
        try Self.clear(part, files)
        try files.makeDirectory(part)
        var random = SystemRandomNumberGenerator()
        let key = (0..<TreeDatabase.passwordKeyBytes).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        let znodes: Int
        do throws(StorageError) {
            znodes = try TreeDatabase.restore(
                backup,
                to: part + "/" + OpenedStore.databaseName,
                origin: TreeDatabase.State(zxid: zxid, passwordKey: key),
                in: files
            )
            try files.syncDirectory(part)
        } catch {
            do throws(StorageError) { try Self.clear(part, files) } catch _ {}
            throw error
        }
        (self.znodes, backupZxid, self.zxid, doubt) = (znodes, copy.zxid, zxid, old.doubt)
        replaced = try Self.exchange(directory, part, time, files)
    }

    /// What a new store is called until it has the old one's place.
    public static let partSuffix = ".restoring"

    /// True where a restore was interrupted between the old store's leaving and the new one's coming.
    ///
    /// - Parameter directory: The store's.
    /// - Returns: False as well where the folder cannot be read.
    public static func wasInterrupted(_ directory: String) -> Bool {
        let files = Disk()
        return !exists(directory, files) && exists(directory + partSuffix, files)
    }
}

extension StoreRestore {
    /// The last change of the store that is there, as far as it can be read.
    private static func lastZxid(
        in directory: String,
        _ files: any FileSystem
    ) -> (zxid: Int64, doubt: String?) {
        guard exists(directory, files) else { return (0, nil) }
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

    /// Moves the old store away and the new one into its place.
    private static func exchange(
        _ directory: String,
        _ part: String,
        _ time: UnixTime,
        _ files: any FileSystem
    ) throws(StorageError) -> String? {
        var replaced: String?
        if exists(directory, files) {
            let name = directory + ".replaced-\(time.milliseconds)"
            try files.rename(directory, to: name)
            replaced = name
        }
        try files.rename(part, to: directory)
        try files.syncDirectory(of: directory)
        return replaced
    }

    private static func exists(_ directory: String, _ files: any FileSystem) -> Bool {
        do throws(StorageError) {
            _ = try files.names(in: directory)
            return true
        } catch {
            return error.code != .notFound
        }
    }

    /// Removes what an interrupted restore has left.
    private static func clear(_ part: String, _ files: any FileSystem) throws(StorageError) {
        guard exists(part, files) else { return }
        for name in try files.names(in: part) { try files.remove(part + "/" + name) }
    }
}
