/// Everything on a simulated disk at one moment: a value, so that a run can be gone on with from any moment.
///
/// Files have numbers, and folders have names for them. A name is sure to be there after a power cut once its folder
/// was synced, whatever became of the file.
struct DiskState {
    /// Something that was done to names and not synced.
    private struct NameChange {
        let number: Int
        let deed: Deed

        enum Deed {
            case link(Place, node: Int)
            case unlink(Place)
            case rename(Place, to: Place, node: Int)
        }

        func concerns(_ folder: Int) -> Bool {
            switch deed {
            case .link(let place, _), .unlink(let place): place.folder == folder
            case .rename(let place, let target, _):
                place.folder == folder || target.folder == folder
            }
        }
    }
    /// A name in a folder.
    struct Place: Hashable {
        let folder: Int
        let name: String
    }

    private static let root = 0
    private(set) var files: [Int: SimulatedFile] = [:]
    private var folders: Set<Int> = [root]
    private var names: [Place: Int] = [:]
    private var syncedNames: [Place: Int] = [:]
    private var unsyncedNames: [NameChange] = []
    private var nextNode = 1
    /// Changes so far.
    private(set) var clock = 0

    // MARK: Files

    func bytes(of file: Int) -> [UInt8] { files[file]?.bytes ?? [] }

    func read(_ count: Int, at offset: Int, of file: Int) -> [UInt8] {
        files[file]?.read(count, at: offset) ?? []
    }

    mutating func write(_ bytes: [UInt8], at offset: Int, of file: Int) {
        let number = tick()
        files[file]?.write(bytes, at: offset, number: number)
    }

    mutating func truncate(_ file: Int, to size: Int) {
        let number = tick()
        files[file]?.truncate(to: size, number: number)
    }

    mutating func sync(_ file: Int) { files[file]?.sync() }

    mutating func dropCached(_ file: Int) { files[file]?.dropCached() }

    mutating func failToSync(_ file: Int, _ loss: inout Loss) {
        loss.begin(0...clock)
        files[file]?.failToSync(&loss)
    }

    /// Bytes of all files.
    var usedBytes: Int { files.values.reduce(0) { $0 + $1.bytes.count } }

    // MARK: Names

    /// The folder and last name of a path; nil when the folder is not there.
    func place(_ path: String) -> Place? {
        var folder = Self.root
        var last: String?
        for part in path.split(separator: "/") {
            if let name = last {
                guard let next = names[Place(folder: folder, name: name)], folders.contains(next)
                else { return nil }
                folder = next
            }
            last = String(part)
        }
        return last.map { Place(folder: folder, name: $0) }
    }

    /// A file's number; nil for none.
    func file(_ path: String) -> Int? {
        guard let place = place(path), let node = names[place], files[node] != nil else {
            return nil
        }
        return node
    }

    /// A folder's number; nil for none.
    func folder(_ path: String) -> Int? {
        if path.allSatisfy({ $0 == "/" }) { return Self.root }
        return place(path).flatMap { names[$0] }.flatMap { folders.contains($0) ? $0 : nil }
    }

    func names(in folder: Int) -> [String] {
        names.keys.filter { $0.folder == folder }.map(\.name)
    }

    mutating func createFile(_ place: Place) -> Int {
        let node = link(place)
        files[node] = SimulatedFile()
        return node
    }

    mutating func createFolder(_ place: Place) { folders.insert(link(place)) }

    private mutating func link(_ place: Place) -> Int {
        let node = nextNode
        nextNode += 1
        names[place] = node
        note(.link(place, node: node))
        return node
    }

    /// - Returns: False when there is no such name.
    mutating func remove(_ place: Place) -> Bool {
        guard names.removeValue(forKey: place) != nil else { return false }
        note(.unlink(place))
        return true
    }

    /// - Returns: False when there is no such name.
    mutating func rename(_ place: Place, to target: Place) -> Bool {
        guard let node = names.removeValue(forKey: place) else { return false }
        names[target] = node
        note(.rename(place, to: target, node: node))
        return true
    }

    mutating func syncNames(of folder: Int) {
        for change in unsyncedNames where change.concerns(folder) { apply(change.deed) }
        unsyncedNames.removeAll { $0.concerns(folder) }
    }

    private mutating func note(_ deed: NameChange.Deed) {
        unsyncedNames.append(NameChange(number: tick(), deed: deed))
    }

    private mutating func apply(_ deed: NameChange.Deed) {
        switch deed {
        case .link(let place, let node): syncedNames[place] = node
        case .unlink(let place): syncedNames[place] = nil
        case .rename(let place, let target, let node):
            // Without its creation a name can't be another one either.
            guard syncedNames[place] == node else { return }
            syncedNames[place] = nil
            syncedNames[target] = node
        }
    }

    private mutating func tick() -> Int {
        clock += 1
        return clock
    }

    // MARK: The end of a process or of the power

    /// What is there after a power cut.
    func afterPowerCut(_ loss: Loss) -> DiskState {
        var (state, loss) = (self, loss)
        state.losePower(&loss)
        return state
    }

    private mutating func losePower(_ loss: inout Loss) {
        let unsure = files.keys.filter { files[$0]?.isClean == false }.sorted()
        let oldest = unsure.compactMap { files[$0]?.unsynced.first?.number }.min() ?? clock
        let all = min(oldest, unsyncedNames.first?.number ?? clock)...clock
        if let first = unsyncedNames.first, let last = unsyncedNames.last {
            loss.begin(all)
            for change in unsyncedNames
            where loss.keepsName(change.number, first.number...last.number) { apply(change.deed) }
            unsyncedNames = []
        }
        for node in unsure {
            loss.begin(all)
            files[node]?.loseUnsynced(&loss)
        }
        names = syncedNames
        dropUnnamed()
    }

    /// Frees what can't be reached by a name, now or after a power cut.
    ///
    /// - Parameter open: Files that are open.
    mutating func dropUnnamed(open: Set<Int> = []) {
        var named = open.union([Self.root])
        for node in names.values { named.insert(node) }
        for node in syncedNames.values { named.insert(node) }
        for change in unsyncedNames {
            if case .link(_, let node) = change.deed { named.insert(node) }
        }
        files = files.filter { named.contains($0.key) }
        folders = folders.filter { named.contains($0) }
        for place in names.keys where !folders.contains(place.folder) { names[place] = nil }
        for place in syncedNames.keys where !folders.contains(place.folder) {
            syncedNames[place] = nil
        }
    }
}
