import Membership
import Runtime
import ServiceModel
import Storage
import ZooKeeperClient

/// The file in the data directory in which the last live view outlives the daemon.
///
/// Step of the data flow: written beside the aggregator, read once at a start. A file is whole or not there:
/// a new one is written beside it, synced, and takes its name in one step. All calls block.
struct ViewFile: Sendable {
    /// What the file is called in the data directory.
    static let name = "membership.view"

    private let directory: String
    private let origin: String
    /// Where it is.
    var path: String { directory + "/" + Self.name }

    /// The file of a daemon's view.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - registry: Says which registry, and which part of it, a view has to be of.
    /// - Throws: `ZooKeeperError` for a bad connect string.
    init(in directory: String, of registry: Configuration.Registry) throws {
        self.directory = directory
        origin = try Self.origin(registry)
    }

    /// The view that is kept, as stale as it is by now; nil where none is kept.
    ///
    /// - Throws: `MembershipError` for a file that cannot be used, `StorageError` for one that cannot be read.
    func read(at time: UnixTime) throws -> MembershipView? {
        let files = Disk()
        let file: FileHandle
        do throws(StorageError) {
            file = try files.open(path, for: .reading)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        defer { files.close(file) }
        let size = try files.size(of: file)
        guard size <= Limits.viewBytesMax else {
            throw StartError(message: "has \(size) bytes, more than any view of ours")
        }
        let bytes = try files.read(size, at: 0, of: file)
        return try RememberedView(bytes, of: origin).stale(at: time)
    }

    /// Puts a view in the place of the one that is kept.
    ///
    /// - Parameters:
    ///   - view: What is known.
    ///   - liveAt: When it was live for the last time.
    /// - Throws: `StorageError`; the old file is untouched then.
    func write(_ view: MembershipView, liveAt: UnixTime) throws(StorageError) {
        let bytes = RememberedView(of: origin, liveAt: liveAt, view).encoded()
        let files = Disk()
        let fresh = path + ".new"
        try Self.write(bytes, to: fresh, files)
        try files.rename(fresh, to: path)
        try files.syncDirectory(directory)
    }

    private static func write(
        _ bytes: [UInt8],
        to path: String,
        _ files: Disk
    ) throws(StorageError) {
        let file = try files.open(path, for: .creating)
        defer { files.close(file) }
        try files.write(bytes.span, at: 0, of: file)
        try files.sync(file)
    }

    /// The order in which servers are named is nobody's difference.
    private static func origin(_ registry: Configuration.Registry) throws -> String {
        var whole = "the embedded registry"
        if let connect = registry.connect {
            let session = try SessionConfiguration(connectString: connect)
            if case .hosts(let hosts) = session.servers {
                whole = hosts.sorted().joined(separator: ",") + session.chroot
            }
        }
        let roots = registry.dubboRoots.sorted() + [registry.ddnsRoot]
        return whole + " below " + roots.joined(separator: ", ")
    }
}
