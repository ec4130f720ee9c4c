import CSQLite
import Storage

/// A file that SQLite has open on a simulated disk.
final class SimulatedVFSFile {
    private let vfs: SimulatedVFS
    private let file: FileHandle
    private let path: String
    private let flags: Int32
    /// The name may be new, and its folder is not synced yet.
    private var isNameUnsure: Bool

    init(_ vfs: SimulatedVFS, _ file: FileHandle, _ path: String, _ flags: Int32) {
        (self.vfs, self.file, self.path, self.flags) = (vfs, file, path, flags)
        let journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL
        // As on Unix, whether it was there or not: who made it may have died before its first sync.
        isNameUnsure = flags & SQLITE_OPEN_CREATE != 0 && flags & journals != 0
    }

    // MARK: The place in SQLite's memory

    private static let offset = unsafe MemoryLayout<sqlite3_file>.stride
    /// What SQLite has to set aside for each file.
    static let bytes = unsafe offset + MemoryLayout<UnsafeMutableRawPointer>.stride

    /// Leaves itself with SQLite, until the file is closed.
    func store(in place: UnsafeMutablePointer<sqlite3_file>) {
        let reference = unsafe Unmanaged.passRetained(self).toOpaque()
        // SAFETY: SQLite has set aside as many bytes as `szOsFile` says.
        unsafe UnsafeMutableRawPointer(place).storeBytes(
            of: reference,
            toByteOffset: Self.offset,
            as: UnsafeMutableRawPointer.self
        )
        unsafe place.pointee.pMethods = UnsafePointer(Self.methods)
    }

    private static func reference(
        _ place: UnsafeMutablePointer<sqlite3_file>?
    ) -> Unmanaged<SimulatedVFSFile>? {
        guard let place = unsafe place else { return nil }
        let raw = unsafe UnsafeRawPointer(place).load(
            fromByteOffset: offset,
            as: UnsafeRawPointer.self
        )
        return unsafe Unmanaged.fromOpaque(raw)
    }

    private static func of(_ place: UnsafeMutablePointer<sqlite3_file>?) -> SimulatedVFSFile? {
        unsafe reference(place)?.takeUnretainedValue()
    }

    /// SAFETY: written once, here.
    private nonisolated(unsafe) static let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        var table = sqlite3_io_methods()
        fill(&table)
        unsafe methods.initialize(to: table)
        return unsafe methods
    }()

    private static func fill(_ table: inout sqlite3_io_methods) {
        table.iVersion = 1
        unsafe table.xClose = { place in
            guard let reference = unsafe SimulatedVFSFile.reference(place) else { return SQLITE_OK }
            unsafe reference.takeRetainedValue().close()
            return SQLITE_OK
        }
        unsafe table.xRead = { place, buffer, count, offset in
            guard let file = unsafe SimulatedVFSFile.of(place), let buffer = unsafe buffer else {
                return SQLITE_MISUSE
            }
            let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
            return unsafe file.read(room, at: Int(offset))
        }
        unsafe table.xWrite = { place, buffer, count, offset in
            guard let file = unsafe SimulatedVFSFile.of(place) else { return SQLITE_MISUSE }
            let bytes = unsafe UnsafeRawBufferPointer(start: buffer, count: Int(count))
            return unsafe file.write(DiskBytes.copy(bytes), at: Int(offset))
        }
        unsafe table.xTruncate = { place, size in
            unsafe SimulatedVFSFile.of(place)?.truncate(to: Int(size)) ?? SQLITE_MISUSE
        }
        unsafe table.xSync = { place, _ in
            unsafe SimulatedVFSFile.of(place)?.sync() ?? SQLITE_MISUSE
        }
        unsafe table.xFileSize = { place, result in
            guard let file = unsafe SimulatedVFSFile.of(place), let size = file.size() else {
                return InputOutputError.size
            }
            unsafe result?.pointee = Int64(size)
            return SQLITE_OK
        }
        unsafe table.xLock = { _, _ in SQLITE_OK }
        unsafe table.xUnlock = { _, _ in SQLITE_OK }
        unsafe table.xCheckReservedLock = { _, result in
            unsafe result?.pointee = 0
            return SQLITE_OK
        }
        unsafe table.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        unsafe table.xSectorSize = { _ in Int32(SimulatedFile.pageBytes) }
        // As SQLite takes it of disks under Linux.
        unsafe table.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
    }

    // MARK: What SQLite asks for

    private func close() {
        vfs.files.close(file)
        if flags & SQLITE_OPEN_DELETEONCLOSE != 0 { _ = vfs.delete(path, syncsFolder: false) }
    }

    private func read(_ room: UnsafeMutableRawBufferPointer, at offset: Int) -> Int32 {
        do throws(StorageError) {
            let bytes = try vfs.files.read(room.count, at: offset, of: file)
            unsafe bytes.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
            guard bytes.count < room.count else { return SQLITE_OK }
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[bytes.count...])
            unsafe rest.initializeMemory(as: UInt8.self, repeating: 0)
            return InputOutputError.shortRead
        } catch {
            return InputOutputError.read
        }
    }

    private func write(_ bytes: [UInt8], at offset: Int) -> Int32 {
        attempt(InputOutputError.write) { () throws(StorageError) in
            try vfs.files.write(bytes.span, at: offset, of: file)
        }
    }

    private func truncate(to size: Int) -> Int32 {
        attempt(InputOutputError.truncate) { () throws(StorageError) in
            try vfs.files.truncate(file, to: size)
        }
    }

    private func sync() -> Int32 {
        attempt(InputOutputError.sync) { () throws(StorageError) in
            try vfs.files.sync(file)
            guard isNameUnsure else { return }
            try vfs.files.syncDirectory(SimulatedVFS.folder(of: path))
            isNameUnsure = false
        }
    }

    private func size() -> Int? {
        do throws(StorageError) { return try vfs.files.size(of: file) } catch { return nil }
    }

    private func attempt(_ failure: Int32, _ deed: () throws(StorageError) -> Void) -> Int32 {
        do throws(StorageError) {
            try deed()
            return SQLITE_OK
        } catch {
            return error.code == .noSpace ? SQLITE_FULL : failure
        }
    }
}

/// SQLite's extended codes, which are macros that Swift does not import.
enum InputOutputError {
    static let read = SQLITE_IOERR | 1 << 8
    static let shortRead = SQLITE_IOERR | 2 << 8
    static let write = SQLITE_IOERR | 3 << 8
    static let sync = SQLITE_IOERR | 4 << 8
    static let truncate = SQLITE_IOERR | 6 << 8
    static let size = SQLITE_IOERR | 7 << 8
    static let delete = SQLITE_IOERR | 10 << 8
    static let deleteWithoutFile = SQLITE_IOERR | 23 << 8
}
