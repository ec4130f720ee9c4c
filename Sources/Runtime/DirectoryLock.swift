internal import Glibc

/// Keeps a directory to one process: an advisory lock on a file in it that ends with the process.
///
/// The file stays; it has the process id of whoever holds the lock. Owner: whoever uses the directory, for as
/// long as it does.
public final class DirectoryLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Who has the directory.
    public enum Taken: Sendable {
        /// This process, until the lock is released.
        case byUs(DirectoryLock)
        /// Another process; its id where it has said it.
        case byOther(process: Int32?)
    }

    /// Takes the lock or says who has it; never waits.
    ///
    /// - Parameters:
    ///   - directory: Made with those above it where it does not exist.
    ///   - name: Name of the file, such as `musterd.lock`.
    /// - Returns: The lock, or the other's process id.
    /// - Throws: `RuntimeError` when the directory or the file cannot be made, or the file not locked.
    public static func take(_ directory: String, name: String) throws(RuntimeError) -> Taken {
        try make(directory)
        let path = directory + "/" + name
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw RuntimeError("open \(path)", failure: -errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            let text = Array("\(getpid())\n".utf8)
            // SAFETY: the bytes live for the call, and their count is the array's.
            let written = unsafe text.withUnsafeBufferPointer { bytes in
                unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, 0)
            }
            guard written == text.count, ftruncate(descriptor, off_t(text.count)) == 0 else {
                let failure = -errno
                close(descriptor)
                throw RuntimeError("write \(path)", failure: failure)
            }
            return .byUs(DirectoryLock(descriptor: descriptor))
        }
        let failure = errno
        defer { close(descriptor) }
        guard failure == EWOULDBLOCK else { throw RuntimeError("lock \(path)", failure: -failure) }
        return .byOther(process: process(in: descriptor))
    }

    /// Makes a directory and those above it; one that is there stays as it is.
    private static func make(_ directory: String) throws(RuntimeError) {
        var made = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/") {
            made += part
            // A directory that is there may stand where nothing can be made, so it is not tried.
            let isThere = unsafe access(made, F_OK) == 0
            if !isThere, unsafe mkdir(made, 0o777) != 0, errno != EEXIST {
                throw RuntimeError("make the directory \(made)", failure: -errno)
            }
            made += "/"
        }
    }

    private static func process(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        // SAFETY: the buffer lives for the call, and its size is the array's.
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }
}
