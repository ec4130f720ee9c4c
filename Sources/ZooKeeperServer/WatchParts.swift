import ServiceModel
import ZNodeTree

/// The watches of `wchc`: each session's paths, those of the data table as in ZooKeeper 3.8.
struct WatchesBySession: WordPart {
    private var walk: Walk<ConnectionID>
    private var paths: WatchedPaths.Iterator?

    init(_ ids: [ConnectionID]) { walk = Walk(ids) }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        while slice.linesLeft > 0 {
            if let path = paths?.next() {
                slice.add("\t\(path)\n")
            } else if let id = walk.next(in: slice) {
                slice.looked()
                let watched = engine.tree.watchedDataPaths(of: id)
                guard !watched.isEmpty, let session = engine.connections[id]?.session else {
                    paths = nil
                    continue
                }
                slice.add("0x\(hex(session))\n")
                paths = watched.makeIterator()
            } else {
                return true
            }
        }
        return false
    }
}

/// The watches of `wchp`: each path's sessions.
///
/// Goes from connection to connection and shows a path where its first watcher comes up, so that no list of
/// all paths is made at once.
struct WatchesByPath: WordPart {
    private var walk: Walk<ConnectionID>
    private var watcher = ConnectionID(0)
    private var paths: WatchedPaths.Iterator?

    init(_ ids: [ConnectionID]) { walk = Walk(ids) }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        while slice.linesLeft > 0 {
            if let path = paths?.next() {
                slice.looked()
                let watchers = engine.tree.dataWatchers(of: path)
                guard watchers.first == watcher else { continue }
                slice.add(path + "\n")
                for id in watchers {
                    guard let session = engine.connections[id]?.session else { continue }
                    slice.add("\t0x\(hex(session))\n")
                }
            } else if let id = walk.next(in: slice) {
                slice.looked()
                watcher = id
                paths = engine.tree.watchedDataPaths(of: id).makeIterator()
            } else {
                return true
            }
        }
        return false
    }
}
