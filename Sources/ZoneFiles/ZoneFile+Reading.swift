public import DNSProtocol
import Glibc

extension ZoneFile {
    /// Reads and checks a file on disk.
    ///
    /// Blocks on the disk: to be called at start, or on a thread for blocking work.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - origin: The name of the zone; nil takes it from a file name of the form `<origin>.zone`.
    /// - Throws: `ZoneFileError` for the first fault.
    public init(path: String, origin: DNSName? = nil) throws(ZoneFileError) {
        guard let origin = origin ?? Self.origin(ofFile: path) else {
            let message = "not named `<origin>.zone`, so its zone is not known"
            throw ZoneFileError(.badZone, file: path, message: message)
        }
        try self.init(text: Self.contents(of: path), origin: origin, file: path)
    }

    /// Reads every `<origin>.zone` of a folder; other files are left alone.
    ///
    /// - Parameter folder: Its path.
    /// - Returns: The zones, in the order of their file names.
    /// - Throws: `ZoneFileError` for the first file that is not right.
    public static func load(folder: String) throws(ZoneFileError) -> [ZoneFile] {
        // SAFETY: the stream is closed below and used by this call only; an entry is read before the
        // next `readdir`, which may overwrite it.
        guard let stream = unsafe opendir(folder) else { throw unreadable(folder, errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".zone"), !name.hasPrefix(".") { names.append(name) }
        }
        var zones: [ZoneFile] = []
        for name in names.sorted() {
            let zone = try ZoneFile(path: folder + "/" + name)
            guard !zones.contains(where: { $0.origin == zone.origin }) else {
                let message = "the zone \(zone.origin) has another file in the same folder"
                throw ZoneFileError(.badZone, file: zone.file, message: message)
            }
            zones.append(zone)
        }
        return zones
    }

    /// The origin that `<origin>.zone` names, nil for other names.
    private static func origin(ofFile path: String) -> DNSName? {
        let name = path.split(separator: "/").last ?? ""
        guard name.hasSuffix(".zone"), name.utf8.count > 5 else { return nil }
        return try? DNSName(name.dropLast(5))
    }

    private static func contents(of path: String) throws(ZoneFileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ZoneFileError(.unreadable, file: path, message: "not a regular file")
        }
        var contents: [UInt8] = []
        var block = [UInt8](repeating: 0, count: Limits.readBytes)
        while contents.count <= Limits.fileBytesMax {
            // SAFETY: the count given is that of the block.
            let count = unsafe read(descriptor, &block, Limits.readBytes)
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { break }
            contents += block[..<count]
        }
        return contents
    }

    private static func unreadable(_ path: String, _ code: Int32) -> ZoneFileError {
        // SAFETY: `strerror` returns a text that stays until the next call on this thread.
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "errno \(code)"
        return ZoneFileError(.unreadable, file: path, message: reason)
    }
}
