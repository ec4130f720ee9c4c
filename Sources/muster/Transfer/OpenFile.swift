import Glibc

/// An open file, read and written from its start to its end; closes itself.
///
/// Owner: one thread at a time, one that may block. Bytes of a short write are written by further ones.
struct OpenFile: ~Copyable {
    /// What the system said no to.
    struct Refusal: Error, Sendable {
        /// The errno.
        let cause: Int32

        /// The kernel's words.
        var text: String {
            // SAFETY: the text is the library's, in memory of this thread, and copied before any other call.
            unsafe String(cString: strerror(cause))
        }
    }

    private let descriptor: Int32
    private let closesItself: Bool

    private init(_ descriptor: Int32, closesItself: Bool) throws(Refusal) {
        guard descriptor >= 0 else { throw Refusal(cause: errno) }
        (self.descriptor, self.closesItself) = (descriptor, closesItself)
    }

    deinit { if closesItself { _ = close(descriptor) } }

    /// Opens what is there.
    init(reading path: String) throws(Refusal) {
        try self.init(unsafe open(path, O_RDONLY | O_CLOEXEC), closesItself: true)
    }

    /// Opens what is there for writing, and cuts nothing off: a device, a pipe, a terminal.
    init(writing path: String) throws(Refusal) {
        try self.init(unsafe open(path, O_WRONLY | O_CLOEXEC), closesItself: true)
    }

    /// Makes a file that is not there yet, for its owner's eyes.
    init(making path: String) throws(Refusal) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        try self.init(unsafe open(path, flags, 0o600), closesItself: true)
    }

    /// Makes a file without a name, which goes with whoever has it open.
    ///
    /// - Parameter directory: Where it takes its space.
    /// - Throws: `Refusal`.
    init(temporaryIn directory: String) throws(Refusal) {
        var name = Array((directory + "/muster-XXXXXX").utf8CString)
        // SAFETY: the template ends in six X and a zero, and is written in place.
        let made = unsafe name.withUnsafeMutableBufferPointer { buffer in
            guard let template = buffer.baseAddress else { return Int32(-1) }
            return unsafe mkstemp(template)
        }
        try self.init(made, closesItself: true)
        // SAFETY: the name is the one that was made, and ends in a zero.
        unsafe name.withUnsafeBufferPointer { buffer in
            guard let path = buffer.baseAddress else { return }
            unsafe _ = unlink(path)
        }
    }

    /// Standard output or input.
    init(standard descriptor: Int32) throws(Refusal) {
        try self.init(descriptor, closesItself: false)
    }

    /// Writes all bytes.
    func write(_ bytes: [UInt8]) throws(Refusal) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives for the call, and the count is its own.
            let written = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Refusal(cause: written < 0 ? errno : EIO) }
            rest = rest.dropFirst(written)
        }
    }

    /// Reads some bytes; none at the end.
    func read(_ count: Int) throws(Refusal) -> [UInt8] {
        while true {
            var failure: Int32 = 0
            // SAFETY: the system writes at most `count` bytes into the buffer of that capacity.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress, count)
                failure = got < 0 ? errno : 0
                filled = max(0, got)
            }
            if failure == 0 { return bytes }
            guard failure == EINTR else { throw Refusal(cause: failure) }
        }
    }

    /// False for what can be read once only, such as a pipe.
    var canRewind: Bool { lseek(descriptor, 0, SEEK_CUR) >= 0 }

    /// Goes back to the first byte.
    func rewind() throws(Refusal) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Refusal(cause: errno) }
    }

    /// How many bytes there are; nil where that means nothing.
    var size: Int? {
        var facts = stat()
        // SAFETY: the system fills the struct that it is given.
        guard unsafe fstat(descriptor, &facts) == 0 else { return nil }
        return facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : nil
    }

    /// Returns when all that was written is on the disk.
    func sync() throws(Refusal) {
        guard fsync(descriptor) == 0 else { throw Refusal(cause: errno) }
    }

    /// Gives a file its final name, in place of what has that name, and sees to it that the name stays.
    static func rename(_ old: String, to new: String) throws(Refusal) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw Refusal(cause: errno) }
        let folder = new.lastIndex(of: "/").map { String(new[...$0]) } ?? "."
        try OpenFile(reading: folder).sync()
    }

    /// Removes a name; one that is not there is fine.
    static func remove(_ path: String) { unsafe _ = unlink(path) }
}
