import TestSupport

@testable import Storage

/// A process's view of a simulated disk: the file system of the tests, which fails and crashes on demand.
///
/// The state is a value that can be copied at any moment, and be gone on with as it is (the process was killed: what
/// it wrote is still there, and still unsafe) or as it is after a power cut. After a crash the view is dead: all
/// calls fail and change nothing, so that what is left of the process's code can't do harm.
///
/// SAFETY of `@unchecked Sendable`: the one thread of its test uses it.
final class SimulatedDisk: FileSystem, @unchecked Sendable {
    private struct Opened {
        let file: Int
        var path: String
        let isWritable: Bool
    }
    private(set) var state: DiskState
    private(set) var isDead = false
    /// Operations that began.
    private(set) var operations = 0
    /// Bytes of all files together may not be more; nil for no bound.
    var capacity: Int?
    /// Asked before each operation; it may copy the state, and decides what comes of it.
    var judge: ((SimulatedDisk, DiskOperation) -> DiskVerdict)?
    private var opened: [FileHandle: Opened] = [:]
    private var nextHandle: Int32 = 1
    private var random: SeededGenerator

    init(_ state: DiskState = DiskState(), seed: UInt64) {
        (self.state, random) = (state, SeededGenerator(seed: seed))
    }

    /// The process is gone.
    func die() { isDead = true }

    /// Handles that were not given back.
    var openCount: Int { opened.count }

    // MARK: Files

    func open(_ path: String, for purpose: FilePurpose) throws(StorageError) -> FileHandle {
        try beAlive(path)
        let file: Int
        switch (state.file(path), purpose) {
        case (let node?, .creating):
            try perform(.truncate(path, size: 0)) { disk, _ in disk.state.truncate(node, to: 0) }
            file = node
        case (let node?, _): file = node
        case (nil, .creating):
            guard state.folder(path) == nil, let place = state.place(path) else {
                throw StorageError(.notFound, path, "open: no such folder", cause: 2)
            }
            try perform(.create(path)) { disk, _ in _ = disk.state.createFile(place) }
            guard let node = state.file(path) else {
                throw StorageError(.failed, path, "open: it is not there", cause: 5)
            }
            file = node
        case (nil, _): throw StorageError(.notFound, path, "open: no such file", cause: 2)
        }
        let handle = FileHandle(number: nextHandle)
        nextHandle += 1
        opened[handle] = Opened(file: file, path: path, isWritable: purpose != .reading)
        return handle
    }

    func close(_ file: FileHandle) { opened[file] = nil }

    func size(of file: FileHandle) throws(StorageError) -> Int {
        let opened = try get(file)
        return state.bytes(of: opened.file).count
    }

    func read(_ count: Int, at offset: Int, of file: FileHandle) throws(StorageError) -> [UInt8] {
        let opened = try get(file)
        return state.read(count, at: offset, of: opened.file)
    }

    func write(_ bytes: Span<UInt8>, at offset: Int, of file: FileHandle) throws(StorageError) {
        let opened = try get(file)
        try beWritable(opened)
        let bytes = DiskBytes.copy(bytes)
        let operation = DiskOperation.write(opened.path, offset: offset, count: bytes.count)
        let growth = offset + bytes.count - state.bytes(of: opened.file).count
        if let capacity, growth > 0, state.usedBytes + growth > capacity {
            let room = max(0, bytes.count - (state.usedBytes + growth - capacity))
            state.write(DiskBytes.part(bytes, 0..<room), at: offset, of: opened.file)
            throw StorageError(.noSpace, opened.path, "write: the disk is full", cause: 28)
        }
        try perform(operation) { disk, share in
            let part = share.map { bytes.count * $0 / 1_000 } ?? bytes.count
            disk.state.write(
                DiskBytes.part(bytes, 0..<part),
                at: offset,
                of: opened.file
            )
        }
    }

    func truncate(_ file: FileHandle, to size: Int) throws(StorageError) {
        let opened = try get(file)
        try beWritable(opened)
        let growth = size - state.bytes(of: opened.file).count
        if let capacity, growth > 0, state.usedBytes + growth > capacity {
            throw StorageError(.noSpace, opened.path, "truncate: the disk is full", cause: 28)
        }
        try perform(.truncate(opened.path, size: size)) { disk, share in
            if share == nil { disk.state.truncate(opened.file, to: size) }
        }
    }

    func sync(_ file: FileHandle) throws(StorageError) {
        let opened = try get(file)
        try perform(.sync(opened.path)) { disk, share in
            guard share != nil else {
                disk.state.sync(opened.file)
                return
            }
            var loss = Loss(.sectors, seed: disk.random.next())
            disk.state.failToSync(opened.file, &loss)
        }
    }

    func dropCached(_ file: FileHandle) throws(StorageError) {
        state.dropCached(try get(file).file)
    }

    // MARK: Names

    func names(in directory: String) throws(StorageError) -> [String] {
        try beAlive(directory)
        guard let folder = state.folder(directory) else {
            throw StorageError(.notFound, directory, "names: no such folder", cause: 2)
        }
        // No order is promised, and programs must not expect any.
        return state.names(in: folder).sorted().shuffled(using: &random)
    }

    func makeDirectory(_ directory: String) throws(StorageError) {
        try beAlive(directory)
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/" + part
            guard state.folder(path) == nil else { continue }
            guard state.file(path) == nil, let place = state.place(path) else {
                throw StorageError(.failed, path, "makeDirectory: a file is there", cause: 20)
            }
            try perform(.makeDirectory(path)) { disk, share in
                if share == nil { disk.state.createFolder(place) }
            }
        }
    }

    func rename(_ path: String, to newPath: String) throws(StorageError) {
        try beAlive(path)
        guard let place = state.place(path), let target = state.place(newPath),
            state.file(path) != nil || state.folder(path) != nil
        else { throw StorageError(.notFound, path, "rename: no such file", cause: 2) }
        try perform(.rename(path, to: newPath)) { disk, share in
            if share == nil { _ = disk.state.rename(place, to: target) }
        }
        for (handle, file) in opened where file.path == path { opened[handle]?.path = newPath }
    }

    func remove(_ path: String) throws(StorageError) {
        try beAlive(path)
        guard state.file(path) != nil, let place = state.place(path) else {
            throw StorageError(.notFound, path, "remove: no such file", cause: 2)
        }
        try perform(.remove(path)) { disk, share in
            if share == nil { _ = disk.state.remove(place) }
        }
    }

    func syncDirectory(_ directory: String) throws(StorageError) {
        try beAlive(directory)
        guard let folder = state.folder(directory) else {
            throw StorageError(.notFound, directory, "syncDirectory: no such folder", cause: 2)
        }
        try perform(.syncDirectory(directory)) { disk, share in
            guard share == nil else { return }
            disk.state.syncNames(of: folder)
            disk.state.dropUnnamed(open: Set(disk.opened.values.map(\.file)))
        }
    }

    // MARK: Fate

    /// Does what the judge says; `deed` gets nil to do all of it, or so many thousandths.
    private func perform(
        _ operation: DiskOperation,
        _ deed: (SimulatedDisk, _ share: Int?) -> Void
    ) throws(StorageError) {
        try beAlive(operation.path)
        operations += 1
        let verdict = judge?(self, operation) ?? .proceed
        // The judge may have ended the process.
        try beAlive(operation.path)
        switch verdict {
        case .proceed: deed(self, nil)
        case .pretend: break
        case .fail:
            deed(self, random.number(0...1_000))
            throw StorageError(.failed, operation.path, "\(operation): it fails", cause: 5)
        case .refuse:
            deed(self, random.number(0...1_000))
            throw StorageError(.noSpace, operation.path, "\(operation): no room", cause: 28)
        case .crash(let moment):
            switch moment {
            case .before: break
            case .amid: if case .write = operation { deed(self, random.number(0...1_000)) }
            case .after: deed(self, nil)
            }
            die()
            try beAlive(operation.path)
        }
    }

    private func beAlive(_ path: String) throws(StorageError) {
        guard isDead else { return }
        throw StorageError(.failed, path, "the process is gone", cause: 5)
    }

    private func get(_ file: FileHandle) throws(StorageError) -> Opened {
        guard let opened = opened[file] else {
            throw StorageError(.failed, "handle \(file.number)", "it is not open", cause: 9)
        }
        try beAlive(opened.path)
        return opened
    }

    private func beWritable(_ opened: Opened) throws(StorageError) {
        guard !opened.isWritable else { return }
        throw StorageError(.failed, opened.path, "it is open for reading only", cause: 9)
    }
}
