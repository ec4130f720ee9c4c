internal import CLinux
internal import Glibc

/// The machine's files.
///
/// Stateless: the descriptor is the handle. New files are readable by their owner only, since they have what
/// clients keep secret.
public struct Disk: FileSystem {
    /// Creates the one way to the machine's files.
    public init() {}

    /// Opens a file (open(2)); it is closed in programs that this one starts.
    public func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        let flags =
            switch purpose {
            case .reading: O_RDONLY
            case .writing: O_RDWR
            case .creating: O_RDWR | O_CREAT | O_TRUNC
            }
        let descriptor = Self.retrying { unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw Self.failure("cannot be opened", path) }
        return FileHandle(number: Int32(descriptor))
    }

    /// Closes the descriptor.
    public func close(_ file: FileHandle) { _ = Glibc.close(file.number) }

    /// Bytes in the file (fstat).
    public func size(of file: FileHandle) throws(StorageError) -> Int {
        var status = stat()
        // SAFETY: the structure outlives the call, which fills it.
        guard unsafe fstat(file.number, &status) == 0 else {
            throw Self.failure("its size cannot be had", Self.path(of: file))
        }
        return Int(status.st_size)
    }

    /// Reads until there is enough or the file ends (pread).
    public func read(
        _ count: Int,
        at offset: Int,
        of file: FileHandle
    ) throws(StorageError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                // SAFETY: at most what is left of the buffer is written behind what is filled.
                let taken = unsafe pread(
                    file.number,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(offset + filled)
                )
                if taken < 0, errno == EINTR { continue }
                if taken < 0 { failure = errno }
                guard taken > 0 else { return }
                filled += taken
            }
        }
        guard failure == 0 else {
            errno = failure
            throw Self.failure("\(count) bytes cannot be read", Self.path(of: file), at: offset)
        }
        return bytes
    }

    /// Writes until all is written (pwrite).
    public func write(
        _ bytes: Span<UInt8>,
        at offset: Int,
        of file: FileHandle
    ) throws(StorageError) {
        var done = 0
        while done < bytes.count {
            let rest = bytes.extracting(done...)
            // SAFETY: the kernel reads as many bytes as the span has, during the call only.
            let written = unsafe rest.withUnsafeBufferPointer {
                unsafe pwrite(file.number, $0.baseAddress, $0.count, off_t(offset + done))
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let what = "\(rest.count) bytes cannot be written"
                throw Self.failure(what, Self.path(of: file), at: offset + done)
            }
            done += written
        }
    }

    /// Cuts the file (ftruncate).
    public func truncate(_ file: FileHandle, to size: Int) throws(StorageError) {
        guard Self.retrying({ ftruncate(file.number, off_t(size)) }) == 0 else {
            throw Self.failure("cannot be cut to \(size) bytes", Self.path(of: file))
        }
    }

    /// Waits for the disk (fdatasync).
    public func sync(_ file: FileHandle) throws(StorageError) {
        guard fdatasync(file.number) == 0 else {
            throw Self.failure("fdatasync failed", Self.path(of: file))
        }
    }

    /// Forgets clean pages (posix_fadvise).
    public func dropCached(_ file: FileHandle) throws(StorageError) {
        let failure = posix_fadvise(file.number, 0, 0, POSIX_FADV_DONTNEED)
        guard failure == 0 else {
            errno = failure
            throw Self.failure("cannot be dropped from memory", Self.path(of: file))
        }
    }

    /// Names in the folder, without `.` and `..` (readdir).
    public func names(in directory: String) throws(StorageError) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw Self.failure("cannot be listed", directory)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        // SAFETY: an entry is valid until the next call, and its name ends with a zero byte within it.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw Self.failure("cannot be listed", directory) }
        return names
    }

    /// Makes folders, which only their owner may enter (mkdir).
    public func makeDirectory(_ directory: String) throws(StorageError) {
        let parts = directory.split(separator: "/", omittingEmptySubsequences: true)
        var path = directory.hasPrefix("/") ? "" : "."
        for part in parts {
            path += "/" + part
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw Self.failure("the folder cannot be made", path)
            }
        }
    }

    /// Renames in one step (rename).
    public func rename(_ path: String, to newPath: String) throws(StorageError) {
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw Self.failure("cannot be renamed to \(newPath)", path)
        }
    }

    /// Removes the name (unlink).
    public func remove(_ path: String) throws(StorageError) {
        guard unsafe unlink(path) == 0 else { throw Self.failure("cannot be removed", path) }
    }

    /// Waits for the disk to have the names (fsync).
    public func syncDirectory(_ directory: String) throws(StorageError) {
        let descriptor = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("cannot be opened", directory) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("fsync failed", directory) }
    }
}

extension Disk {
    private static func retrying(_ call: () -> Int32) -> Int32 {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    /// The error for the present errno.
    private static func failure(
        _ attempt: String,
        _ path: String,
        at offset: Int? = nil
    ) -> StorageError {
        let cause = errno
        let code: StorageError.Code =
            switch cause {
            case ENOSPC, EDQUOT, EFBIG: .noSpace
            case ENOENT, ENOTDIR: .notFound
            default: .failed
            }
        return StorageError(code, path, at: offset, "\(attempt): \(text(cause))", cause: cause)
    }

    private static func text(_ code: Int32) -> String {
        var bytes = [CChar](repeating: 0, count: 128)
        // SAFETY: the shim writes at most as many bytes as it is told, a zero at their end.
        unsafe muster_error_text(code, &bytes, bytes.count)
        return String(
            decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    /// Where an open file is, for messages.
    private static func path(of file: FileHandle) -> String {
        let link = "/proc/self/fd/\(file.number)"
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let before = errno
        defer { errno = before }
        // SAFETY: the kernel writes at most as many bytes as it is told.
        let count = unsafe readlink(link, &bytes, bytes.count)
        guard count > 0 else { return link }
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
