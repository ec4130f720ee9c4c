/// Copies of a database, and whether it is whole.
extension Database {
    /// Writes a copy of what is committed now, complete under its name or not there at all.
    ///
    /// Others may write meanwhile: the copy shows none of that. It has no write-ahead log, takes no more room
    /// than its rows need, and is readable by its owner alone.
    ///
    /// - Parameters:
    ///   - copy: The file to make; what is there is replaced.
    ///   - files: Where it is.
    /// - Throws: `StorageError`; what was there is still there then.
    public func copy(to copy: String, in files: any FileSystem) throws(StorageError) {
        let part = copy + ".part"
        do throws(StorageError) {
            let file = try files.open(part, for: .creating)
            defer { files.close(file) }
            try vacuum(into: part)
            try files.sync(file)
            try files.rename(part, to: copy)
        } catch {
            // The first trouble is the one to tell of; what is left of the copy is overwritten by the next.
            do throws(StorageError) { try files.remove(part) } catch _ {}
            throw error
        }
        try files.syncDirectory(of: copy)
    }

    /// Copies the whole write-ahead log back and removes it, so that the file alone is the database.
    ///
    /// - Throws: `StorageError`, `.busy` while anybody else has it open.
    public func settle() throws(StorageError) {
        var statement = try prepare("PRAGMA journal_mode=DELETE")
        guard try statement.step(), try statement.text(0) == "delete" else {
            throw StorageError(.busy, path, "the write-ahead log is still in use")
        }
    }

    private func vacuum(into path: String) throws(StorageError) {
        // It counts as writing, though nothing is written here.
        let isReading = try integer("PRAGMA query_only")
        try execute("PRAGMA query_only=OFF")
        var statement = try prepare("VACUUM INTO ?1")
        let name = Array(path.utf8)
        try statement.run(text: name.span)
        try execute("PRAGMA query_only=\(isReading)")
    }

    /// Reads everything and looks for what does not fit.
    ///
    /// - Throws: `StorageError` `.damaged` with the first contradictions, and others.
    public func requireIntegrity() throws(StorageError) {
        var statement = try prepare("PRAGMA integrity_check(\(Limits.contradictionsShown))")
        var findings: [String] = []
        while try statement.step() {
            if let finding = try statement.text(0), finding != "ok" { findings.append(finding) }
        }
        guard findings.isEmpty else {
            throw StorageError(.damaged, path, findings.joined(separator: "; "))
        }
    }
}

extension FileSystem {
    /// Returns when the name of a file survives a power cut.
    ///
    /// - Parameter path: Of the file.
    /// - Throws: `StorageError` `.failed`.
    public func syncDirectory(of path: String) throws(StorageError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        try syncDirectory(slash.map { String(path[...$0]) } ?? ".")
    }
}
