import FoundationEssentials

extension ZooCfgFile {
    /// Reads a file, the one that its `dynamicConfigFile` names, and looks at its `dataDir`.
    ///
    /// - Parameters:
    ///   - path: As it was given.
    ///   - looksAtFolders: False for files of other hosts, whose folders are not here.
    /// - Throws: `CommandFailure` for a file that cannot be read.
    init(reading path: String, looksAtFolders: Bool) throws(CommandFailure) {
        let bytes = try Self.bytes(of: path)
        let alone = ZooCfgFile(path: path, bytes: bytes)
        guard looksAtFolders else {
            self = alone
            return
        }
        let folder = alone.value("dataDir").map(Self.folder)
        guard let other = alone.value("dynamicConfigFile") else {
            self.init(path: path, bytes: bytes, folder: folder)
            return
        }
        do throws(CommandFailure) {
            let dynamic = try Self.bytes(of: other)
            self.init(path: path, bytes: bytes, dynamic: (other, dynamic), folder: folder)
        } catch {
            self.init(path: path, bytes: bytes, folder: folder)
            note(.error, "dynamicConfigFile", error.message)
        }
    }

    private static func bytes(of path: String) throws(CommandFailure) -> [UInt8] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.notFound, "\(path) does not exist")
        }
        guard !isFolder else {
            throw CommandFailure(.usage, "\(path) is a folder", advice: "name the files in it")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.failure, "\(path) cannot be read")
        }
        guard data.count <= Limits.zooCfgBytesMax else {
            let most = Limits.zooCfgBytesMax
            throw CommandFailure(.failure, "\(path) has \(data.count) bytes, more than \(most)")
        }
        return Array(data)
    }

    /// What is at a `dataDir`.
    private static func folder(at path: String) -> DataFolder {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return .absent
        }
        guard isFolder else { return .noFolder }
        guard let data = FileManager.default.contents(atPath: path + "/myid") else {
            return .there(myid: nil)
        }
        // ZooKeeper reads the first line, and takes it as it is.
        let line = data.prefix(Limits.myidBytesMax).prefix { $0 != 10 && $0 != 13 }
        return .there(myid: String(decoding: line, as: UTF8.self))
    }
}
