import Storage

/// The id of a daemon among all that serve from one ensemble: 16 hexadecimal digits, made once.
///
/// It stands in the data directory, so that a daemon that starts again takes its old place: its znode is
/// replaced at once, and no service changes hands. Blocks; read at the start only.
enum DaemonIdentity {
    /// What the file is called in the data directory.
    static let name = "daemon-id"

    /// Reads the id, or makes one.
    ///
    /// - Parameter directory: The data directory.
    /// - Returns: The digits.
    /// - Throws: `StartError` for a file that holds something else, `StorageError` from the disk.
    static func load(in directory: String) throws -> String {
        let (files, path) = (Disk(), directory + "/" + name)
        let file: FileHandle
        do throws(StorageError) {
            file = try files.open(path, for: .reading)
        } catch {
            guard error.code == .notFound else { throw error }
            return try make(path, in: directory, files)
        }
        defer { files.close(file) }
        let bytes = try files.read(Limits.identityBytes + 1, at: 0, of: file)
        let text = String(decoding: bytes.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard isID(text) else {
            throw StartError(
                message: "\(path) should hold the daemon's id, \(Limits.identityBytes) hexadecimal "
                    + "digits; remove it, and the daemon gets another"
            )
        }
        return text
    }

    private static func make(
        _ path: String,
        in directory: String,
        _ files: Disk
    ) throws(StorageError) -> String {
        let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
        let id = String(repeating: "0", count: Limits.identityBytes - digits.utf8.count) + digits
        let fresh = path + ".new"
        let file = try files.open(fresh, for: .creating)
        defer { files.close(file) }
        try files.write(Array((id + "\n").utf8).span, at: 0, of: file)
        try files.sync(file)
        try files.rename(fresh, to: path)
        try files.syncDirectory(directory)
        return id
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == Limits.identityBytes
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
