import ServiceModel
import TestSupport
import ZNodeTree

@testable import Storage
@testable import ZooKeeperServer

/// The store without its threads: each of their steps is a call, on a simulated disk.
///
/// What `RegistryStore` does with a log thread, one that reserves segments and one for `tree.db`.
final class SimulatedStore {
    /// What a start finds.
    struct Opened: ~Copyable {
        var tree: ZNodeTree
        let store: SimulatedStore
        let highestSession: Int64
        let passwordKey: (UInt64, UInt64)
    }

    /// What stays the same from one start to the next.
    struct Setup {
        var configuration: StoreConfiguration
        var firstZxid: Int64
        /// Between the store and its disk, for the log's files.
        var wrap: (SimulatedDisk) -> any FileSystem
    }

    private let setup: Setup
    private let files: any FileSystem
    private var log: LogWriter?
    /// Gone before what it stands on.
    private var database: TreeDatabase?
    private let vfs: SimulatedVFS
    /// Where the log is durable, and what was written to it since the start.
    private(set) var position: LogPosition
    private(set) var zxid: Int64
    private(set) var written = 0
    /// What was written when `tree.db` was brought forward last.
    private var folded: Int

    private init(
        _ setup: Setup,
        _ files: any FileSystem,
        _ vfs: SimulatedVFS,
        _ parts: consuming OpenedStore.Parts
    ) {
        (self.setup, self.files, self.vfs) = (setup, files, vfs)
        (position, zxid) = (parts.log.position, parts.log.zxid)
        folded = -parts.behind
        parts.split { log, database in
            self.log = consume log
            self.database = consume database
        }
    }

    /// Starts from what is on a disk.
    static func open(
        _ setup: Setup,
        on disk: SimulatedDisk,
        newKey: (UInt64, UInt64),
        now: Instant,
        seed: UInt64
    ) throws(StorageError) -> Opened {
        let files = setup.wrap(disk)
        let vfs = SimulatedVFS(files, seed: seed)
        let opened = try OpenedStore(
            setup.configuration,
            files: files,
            access: Database.Access(fileSystem: vfs.name, sharing: .none),
            firstZxid: setup.firstZxid,
            newKey: newKey,
            now: now
        ) { _ in }
        let (highest, key) = (opened.highestSession, opened.passwordKey)
        var tree = ZNodeTree()
        let store = SimulatedStore(setup, files, vfs, opened.split { tree = $0 })
        return Opened(tree: tree, store: store, highestSession: highest, passwordKey: key)
    }

    // MARK: The log's thread

    /// Bytes that may have been given in all before there is no room.
    var room: Int { log?.room ?? 0 }

    func write(_ records: inout LogBatch) throws(StorageError) {
        let bytes = records.byteCount
        try log?.write(&records)
        records.recycle()
        written += bytes
        position = log?.position ?? position
        zxid = log?.zxid ?? zxid
    }

    /// An orderly end.
    func end() throws(StorageError) { try log?.end() }

    // MARK: The thread that reserves segments

    var wantsSegment: Bool { log?.wantsSegment ?? false }

    func reserve() throws(StorageError) {
        guard let number = log?.nextNumber else { return }
        let segment = try Segment.reserve(
            number: number,
            size: setup.configuration.segmentBytes,
            in: setup.configuration.directory,
            on: files
        )
        log?.add(segment)
    }

    // MARK: The thread of `tree.db`

    var isFoldDue: Bool { written - folded >= setup.configuration.foldBytes }

    func fold() throws(StorageError) {
        let (end, written) = (position, written)
        try database?.advance(
            to: end,
            in: setup.configuration.directory,
            on: files
        )
        folded = written
    }
}
