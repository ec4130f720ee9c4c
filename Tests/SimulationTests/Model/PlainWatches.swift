import ZooKeeperProtocol

/// The watches as a set of facts; a change looks at all of them.
struct PlainWatches {
    enum Table: Hashable {
        case data
        case children
    }
    enum Mode: Hashable {
        case oneShot
        case persistent
        case recursive
    }
    struct Watch: Hashable {
        let connection: UInt64
        let path: PlainPath
        let table: Table
        let mode: Mode
    }
    private var all: Set<Watch> = []

    /// Connections, paths and tables; what one connection watches twice counts once.
    var count: Int {
        Set(
            all.map {
                Watch(connection: $0.connection, path: $0.path, table: $0.table, mode: .oneShot)
            }
        )
        .count
    }

    mutating func add(_ table: Table, _ mode: Mode, _ path: String, _ connection: UInt64) {
        all.insert(
            Watch(connection: connection, path: PlainPath(path), table: table, mode: mode)
        )
    }

    func has(_ kind: WatcherRequest.Kind, _ path: String, _ connection: UInt64) -> Bool {
        all.contains { Self.isOf(kind, PlainPath(path), connection, $0) }
    }

    mutating func remove(_ kind: WatcherRequest.Kind, _ path: String, _ connection: UInt64) {
        all = all.filter { !Self.isOf(kind, PlainPath(path), connection, $0) }
    }

    mutating func removeAll(_ connection: UInt64) {
        all = all.filter { $0.connection != connection }
    }

    private static func isOf(
        _ kind: WatcherRequest.Kind,
        _ path: PlainPath,
        _ connection: UInt64,
        _ watch: Watch
    ) -> Bool {
        guard watch.path == path, watch.connection == connection else { return false }
        switch kind {
        case .any: return true
        case .data: return watch.table == .data
        case .children: return watch.table == .children
        }
    }

    /// Who is told what of a change, in the order in which one connection is told; one-shots are used up.
    mutating func fire(_ change: PlainChange) -> [(connection: UInt64, event: WatchEvent)] {
        guard !all.isEmpty else { return [] }
        let path = change.path
        switch change.kind {
        case .created: return tell(.nodeCreated, path, [.data]) + tellParent(of: path)
        case .deleted:
            return tell(.nodeDeleted, path, [.data, .children]) + tellParent(of: path)
        case .dataChanged: return tell(.nodeDataChanged, path, [.data])
        }
    }

    private mutating func tell(
        _ kind: WatchEvent.Kind,
        _ path: PlainPath,
        _ tables: Set<Table>
    ) -> [(connection: UInt64, event: WatchEvent)] {
        let hit = all.filter { watch in
            tables.contains(watch.table)
                && (watch.path == path || watch.mode == .recursive && path.isBelow(watch.path))
        }
        return use(hit, kind, path)
    }

    private mutating func tellParent(
        of path: PlainPath
    ) -> [(connection: UInt64, event: WatchEvent)] {
        guard let parent = path.parent else { return [] }
        let hit = all.filter { watch in
            watch.table == .children && watch.path == parent && watch.mode != .recursive
        }
        return use(hit, .nodeChildrenChanged, parent)
    }

    private mutating func use(
        _ hit: Set<Watch>,
        _ kind: WatchEvent.Kind,
        _ path: PlainPath
    ) -> [(connection: UInt64, event: WatchEvent)] {
        all.subtract(hit.filter { $0.mode == .oneShot })
        let event = WatchEvent(kind, path: path.description)
        return Set(hit.map(\.connection)).sorted().map { ($0, event) }
    }
}
