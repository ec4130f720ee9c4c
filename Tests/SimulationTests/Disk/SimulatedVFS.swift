import CSQLite
import Glibc
import TestSupport

@testable import Storage

/// Lets SQLite keep its files on a simulated disk, under a name of its own.
///
/// It does what SQLite's own does for Unix, call by call: the folder of a journal or write-ahead log is synced with
/// the file's first sync, that of a database is not; a removal syncs the folder when SQLite asks for that.
/// There is no shared memory, so a connection has to use it alone. It must outlive its connections.
@safe
final class SimulatedVFS {
    /// What connections are opened with.
    let name: String
    let files: any FileSystem
    private let vfs: UnsafeMutablePointer<sqlite3_vfs>
    private let cName: UnsafeMutablePointer<CChar>
    private var random: SeededGenerator
    private var temporaryFiles = 0

    /// Longest path, and so many bytes are more than any test has.
    private static let pathBytesMax: Int32 = 512

    init(_ files: any FileSystem, seed: UInt64) {
        (self.files, random) = (files, SeededGenerator(seed: seed))
        unsafe vfs = .allocate(capacity: 1)
        // The address is nobody else's while this lives.
        name = unsafe "simulated-\(UInt(bitPattern: vfs))"
        unsafe cName = strdup(name)
        var methods = unsafe sqlite3_vfs()
        unsafe methods.iVersion = 1
        unsafe methods.szOsFile = Int32(SimulatedVFSFile.bytes)
        unsafe methods.mxPathname = Self.pathBytesMax
        unsafe methods.zName = UnsafePointer(cName)
        unsafe methods.pAppData = Unmanaged.passUnretained(self).toOpaque()
        unsafe Self.fill(&methods)
        unsafe vfs.initialize(to: methods)
        unsafe sqlite3_vfs_register(vfs, 0)
    }

    deinit {
        unsafe sqlite3_vfs_unregister(vfs)
        unsafe vfs.deallocate()
        unsafe free(cName)
    }

    /// SAFETY: SQLite hands back the structure that it was given, whose owner is alive while it is registered.
    private static func of(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> SimulatedVFS? {
        guard let data = unsafe vfs?.pointee.pAppData else { return nil }
        return unsafe Unmanaged<SimulatedVFS>.fromOpaque(data).takeUnretainedValue()
    }

    private static func fill(_ methods: inout sqlite3_vfs) {
        unsafe methods.xOpen = { vfs, path, file, flags, outFlags in
            guard let vfs = unsafe SimulatedVFS.of(vfs), let file = unsafe file else {
                return SQLITE_MISUSE
            }
            unsafe file.pointee.pMethods = nil
            let name = unsafe path.map { unsafe String(cString: $0) } ?? vfs.temporaryName()
            do throws(StorageError) {
                let opened = try vfs.open(name, flags)
                unsafe opened.store(in: file)
                unsafe outFlags?.pointee = flags
                return SQLITE_OK
            } catch {
                return error.code == .noSpace ? SQLITE_FULL : SQLITE_CANTOPEN
            }
        }
        unsafe methods.xDelete = { vfs, path, syncs in
            guard let vfs = unsafe SimulatedVFS.of(vfs), let path = unsafe path else {
                return SQLITE_MISUSE
            }
            return unsafe vfs.delete(String(cString: path), syncsFolder: syncs & 1 != 0)
        }
        unsafe methods.xAccess = { vfs, path, flags, result in
            guard let vfs = unsafe SimulatedVFS.of(vfs), let path = unsafe path else {
                return SQLITE_MISUSE
            }
            let isThere = unsafe vfs.isThere(String(cString: path))
            unsafe result?.pointee = isThere ? 1 : 0
            return SQLITE_OK
        }
        unsafe methods.xFullPathname = { _, path, room, result in
            guard let path = unsafe path, let result = unsafe result else { return SQLITE_MISUSE }
            guard unsafe strlen(path) < Int(room) else { return SQLITE_CANTOPEN }
            unsafe strcpy(result, path)
            return SQLITE_OK
        }
        unsafe methods.xRandomness = { vfs, count, result in
            guard let vfs = unsafe SimulatedVFS.of(vfs), let result = unsafe result else {
                return 0
            }
            for index in 0..<Int(count) {
                unsafe result[index] = CChar(truncatingIfNeeded: vfs.random.next())
            }
            return count
        }
        unsafe methods.xSleep = { _, microseconds in microseconds }
        unsafe methods.xCurrentTime = { _, result in
            // Some day, as a Julian date; nothing depends on it.
            unsafe result?.pointee = 2_460_000
            return SQLITE_OK
        }
        unsafe methods.xGetLastError = { _, _, _ in 0 }
    }

    // MARK: What SQLite asks for

    private func temporaryName() -> String {
        temporaryFiles += 1
        return "/temporary-\(temporaryFiles)"
    }

    private func open(_ path: String, _ flags: Int32) throws(StorageError) -> SimulatedVFSFile {
        let canWrite = flags & SQLITE_OPEN_READWRITE != 0
        do throws(StorageError) {
            let file = try files.open(path, for: canWrite ? .writing : .reading)
            return SimulatedVFSFile(self, file, path, flags)
        } catch  where error.code == .notFound && flags & SQLITE_OPEN_CREATE != 0 {
            let file = try files.open(path, for: .creating)
            return SimulatedVFSFile(self, file, path, flags)
        }
    }

    /// As on Unix: an empty file counts as none.
    private func isThere(_ path: String) -> Bool {
        do throws(StorageError) {
            let file = try files.open(path, for: .reading)
            defer { files.close(file) }
            return try files.size(of: file) > 0
        } catch {
            return false
        }
    }

    func delete(_ path: String, syncsFolder: Bool) -> Int32 {
        do throws(StorageError) {
            try files.remove(path)
            if syncsFolder { try files.syncDirectory(Self.folder(of: path)) }
            return SQLITE_OK
        } catch {
            return error.code == .notFound
                ? InputOutputError.deleteWithoutFile : InputOutputError.delete
        }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
