/// How a connection watches a path; several kinds stand side by side.
struct WatchModes: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    /// Used up when it fires.
    static let oneShot = WatchModes(rawValue: 1)
    /// Stays.
    static let persistent = WatchModes(rawValue: 2)
    /// Stays, and sees all descendants, but never NodeChildrenChanged.
    static let recursive = WatchModes(rawValue: 4)
}

/// Who watches what: the tree has one table for data and one for children.
///
/// One registration a connection and path. Invariants: both directions have the same pairs; watchers of
/// a path are in the order of their ids; no empty lists are kept; `lengths` counts the paths of `byPath` by their
/// length, so that most changes need not look there; `recursiveLengths` counts those with a recursive watch, once
/// for each, so that a change looks only at those ancestors that can have one.
///
/// A connection that goes with many watches is forgotten at once, its registrations are taken out little by
/// little by `sweep`. Until then they stand in `byPath` and in `recursiveLengths`, where nobody is told of them.
struct WatchTable {
    private struct Watcher {
        let connection: ConnectionID
        var modes: WatchModes
    }
    private struct Departed {
        let connection: ConnectionID
        var paths: [PathKey: Int]
    }
    private var byPath: [PathKey: [Watcher]] = [:]
    private var byConnection: [ConnectionID: [PathKey: Int]] = [:]
    private var lengths = PathLengths()
    private var recursiveLengths = PathLengths()
    /// Connections that are gone, with what is still to be taken out.
    private var departed: [Departed] = []
    private var departedIDs: Set<ConnectionID> = []
    /// Pairs that are still to be taken out, and the bytes of their paths.
    private(set) var leftovers = (count: 0, pathBytes: 0)
    /// Bytes of paths that were looked up for watches above a change, since they were last asked for.
    private var detourBytes = 0
    /// Pairs of connection and path.
    private(set) var count = 0
    /// Of the paths, each for every connection that watches it.
    private(set) var pathBytes = 0

    var pathCount: Int { byPath.count }
    var connectionCount: Int { byConnection.count }

    /// - Complexity: O(watchers of the path), a move of memory for a connection that is not the newest.
    mutating func add(_ modes: WatchModes, on path: String, for connection: ConnectionID) {
        let key = PathKey(path)
        var watchers = byPath.removeValue(forKey: key) ?? []
        if watchers.isEmpty { lengths.add(path.utf8.count) }
        let index = Self.position(of: connection, in: watchers)
        var before: WatchModes = []
        if index < watchers.count, watchers[index].connection == connection {
            before = watchers[index].modes
            watchers[index].modes.formUnion(modes)
        } else {
            watchers.insert(Watcher(connection: connection, modes: modes), at: index)
            byConnection[connection, default: [:]][key] = path.utf8.count
            count += 1
            pathBytes += path.utf8.count
        }
        byPath[key] = watchers
        if modes.contains(.recursive), !before.contains(.recursive) {
            recursiveLengths.add(path.utf8.count)
        }
    }

    func modes(on path: String, for connection: ConnectionID) -> WatchModes {
        guard let watchers = byPath[PathKey(path)] else { return [] }
        let index = Self.position(of: connection, in: watchers)
        guard index < watchers.count, watchers[index].connection == connection else { return [] }
        return watchers[index].modes
    }

    /// What the connection watches, with the lengths of the paths.
    func paths(of connection: ConnectionID) -> WatchedPaths {
        WatchedPaths(keys: byConnection[connection] ?? [:])
    }

    /// Who watches the path, oldest first.
    func watchers(of path: String) -> [ConnectionID] {
        byPath[PathKey(path)]?.map(\.connection).filter { !departedIDs.contains($0) } ?? []
    }

    /// Takes back all that the connection watches on the path; false when that was nothing.
    mutating func remove(_ path: String, for connection: ConnectionID) -> Bool {
        let key = PathKey(path)
        guard let length = byConnection[connection]?[key] else { return false }
        forget(key, of: connection)
        drop(connection, from: key, length: length)
        return true
    }

    /// The connection is gone; what it watched beyond `Limits.watchesDroppedAtOnce` is left to `sweep`.
    mutating func removeAll(of connection: ConnectionID) {
        guard let paths = byConnection.removeValue(forKey: connection) else { return }
        let bytes = paths.values.reduce(0, +)
        count -= paths.count
        pathBytes -= bytes
        guard paths.count > Limits.watchesDroppedAtOnce else {
            for (key, length) in paths { drop(connection, from: key, length: length) }
            return
        }
        departed.append(Departed(connection: connection, paths: paths))
        departedIDs.insert(connection)
        leftovers.count += paths.count
        leftovers.pathBytes += bytes
    }

    /// Takes out so many registrations of connections that are gone.
    ///
    /// - Returns: How many are left of what it was asked for.
    mutating func sweep(_ most: Int) -> Int {
        var left = most
        while left > 0, let last = departed.indices.last {
            let connection = departed[last].connection
            // One by one, as it would take long to free them all at once.
            guard let (key, length) = departed[last].paths.popFirst() else {
                departedIDs.remove(connection)
                departed.removeLast()
                continue
            }
            drop(connection, from: key, length: length)
            leftovers.count -= 1
            leftovers.pathBytes -= length
            left -= 1
        }
        return left
    }

    /// The node itself changed: its watchers and the recursive ones of its ancestors, each once, in order.
    ///
    /// - Complexity: O(watchers, and lengths of paths that are watched recursively).
    mutating func fireNode(_ node: ZNode) -> [ConnectionID] {
        let own = fire(node, .all)
        guard !recursiveLengths.isEmpty else { return own }
        var lists = own.isEmpty ? [] : [own]
        var looked = 0
        recursiveLengths.forEach(above: node.path) { ancestor, bytes in
            looked += bytes
            guard let above = byPath[ancestor] else { return }
            let list = above.filter { $0.modes.contains(.recursive) && isHere($0) }
                .map(\.connection)
            if !list.isEmpty { lists.append(list) }
        }
        detourBytes += looked
        return Self.merged(lists)
    }

    /// What the look-ups above changes took since they were last asked for, in steps.
    mutating func takeDetours() -> Int {
        defer { detourBytes = 0 }
        return detourBytes / Limits.pathBytesPerStep
    }

    /// A child came or went: the watchers that are told of that, in order.
    mutating func fireChildren(of node: ZNode) -> [ConnectionID] { fire(node, .notRecursive) }

    private enum Reach {
        case all
        case notRecursive
    }

    private mutating func fire(_ node: ZNode, _ reach: Reach) -> [ConnectionID] {
        let length = node.path.utf8.count
        guard lengths.contains(length) else { return [] }
        let key = node.key
        guard let watchers = byPath[key] else { return [] }
        var (kept, hit): ([Watcher], [ConnectionID]) = ([], [])
        for watcher in watchers {
            guard isHere(watcher) else {
                kept.append(watcher)
                continue
            }
            let modes = reach == .all ? watcher.modes : watcher.modes.subtracting(.recursive)
            if !modes.isEmpty { hit.append(watcher.connection) }
            var rest = watcher
            rest.modes.subtract(.oneShot)
            if rest.modes.isEmpty { forget(key, of: watcher.connection) } else { kept.append(rest) }
        }
        byPath[key] = kept.isEmpty ? nil : kept
        if kept.isEmpty { lengths.remove(length) }
        return hit
    }

    private func isHere(_ watcher: Watcher) -> Bool {
        departedIDs.isEmpty || !departedIDs.contains(watcher.connection)
    }

    private mutating func drop(_ connection: ConnectionID, from key: PathKey, length: Int) {
        guard var watchers = byPath.removeValue(forKey: key) else { return }
        let index = Self.position(of: connection, in: watchers)
        guard index < watchers.count, watchers[index].connection == connection else { return }
        if watchers.remove(at: index).modes.contains(.recursive) {
            recursiveLengths.remove(length)
        }
        if watchers.isEmpty { lengths.remove(length) } else { byPath[key] = watchers }
    }

    private mutating func forget(_ key: PathKey, of connection: ConnectionID) {
        count -= 1
        pathBytes -= byConnection[connection]?.removeValue(forKey: key) ?? 0
        if byConnection[connection]?.isEmpty == true { byConnection[connection] = nil }
    }

    /// Where the connection stands, or would stand.
    private static func position(of connection: ConnectionID, in watchers: [Watcher]) -> Int {
        if let last = watchers.last, last.connection < connection { return watchers.count }
        var (low, high) = (0, watchers.count)
        while low < high {
            let middle = (low + high) / 2
            if watchers[middle].connection < connection { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// One ascending list without repeats.
    static func merged(_ lists: [[ConnectionID]]) -> [ConnectionID] {
        guard lists.count > 1 else { return lists.first ?? [] }
        var result: [ConnectionID] = []
        for connection in lists.joined().sorted() where result.last != connection {
            result.append(connection)
        }
        return result
    }

    #if DEBUG
    /// Traps unless both directions and the counters agree.
    func checkInvariants() {
        var (pairs, recursive) = (0, [Int: Int]())
        var all: [Int: Int] = [:]
        var swept = leftovers.count
        for (key, watchers) in byPath {
            precondition(!watchers.isEmpty, "empty list of watchers kept for \(key)")
            all[key.path.utf8.count, default: 0] += 1
            for (index, watcher) in watchers.enumerated() {
                precondition(!watcher.modes.isEmpty, "watcher without a mode on \(key)")
                precondition(
                    index == 0 || watchers[index - 1].connection < watcher.connection,
                    "watchers of \(key) out of order"
                )
                guard isHere(watcher) else {
                    swept -= 1
                    let length = key.path.utf8.count
                    if watcher.modes.contains(.recursive) { recursive[length, default: 0] += 1 }
                    continue
                }
                pairs += 1
                guard let length = byConnection[watcher.connection]?[key] else {
                    preconditionFailure("\(key) unknown to connection \(watcher.connection)")
                }
                if watcher.modes.contains(.recursive) { recursive[length, default: 0] += 1 }
            }
        }
        precondition(swept == 0, "\(swept) registrations of the departed are gone already")
        precondition(pairs == count, "\(pairs) pairs, counted \(count)")
        precondition(pairs == byConnection.values.reduce(0) { $0 + $1.count }, "tables differ")
        let bytes = byConnection.values.joined().reduce(0) { $0 + $1.value }
        precondition(bytes == pathBytes, "paths have \(bytes) bytes, counted \(pathBytes)")
        precondition(recursiveLengths.counts == recursive, "recursive lengths differ")
        precondition(lengths.counts == all, "lengths differ")
    }
    #endif
}
