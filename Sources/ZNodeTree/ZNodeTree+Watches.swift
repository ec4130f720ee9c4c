import ZooKeeperProtocol

/// Watches: setting them, taking them back, and firing them.
extension ZNodeTree {
    /// The two tables.
    struct WatchTables: OptionSet {
        let rawValue: UInt8
        static let data = WatchTables(rawValue: 1)
        static let children = WatchTables(rawValue: 2)
        static let both: WatchTables = [.data, .children]
    }

    /// The connection is gone, and its watches with it: nobody is told of them from now on.
    ///
    /// - Complexity: O(its watches), a few nanoseconds each; `sweepWatches` takes the most of them out.
    public mutating func removeWatches(of connection: ConnectionID) {
        dataWatches.removeAll(of: connection)
        childWatches.removeAll(of: connection)
    }

    /// Registrations of connections that are gone, still to be taken out.
    public var departedWatchCount: Int {
        dataWatches.leftovers.count + childWatches.leftovers.count
    }

    /// Takes out so many of the `departedWatchCount`, about a microsecond each.
    public mutating func sweepWatches(_ most: Int) {
        let left = dataWatches.sweep(most)
        if left > 0 { _ = childWatches.sweep(left) }
    }

    /// - Throws: THROTTLEDOP at the bounds on watches.
    mutating func watch(
        _ tables: WatchTables,
        _ modes: WatchModes,
        _ path: String,
        by caller: Caller
    ) throws(ErrorCode) {
        try makeSure(of: 1, pathBytes: path.utf8.count)
        let connection = caller.connection
        if tables.contains(.data) { dataWatches.add(modes, on: path, for: connection) }
        if tables.contains(.children) { childWatches.add(modes, on: path, for: connection) }
    }

    /// Room for so many watches more, each in both tables at worst.
    private func makeSure(of count: Int, pathBytes: Int) throws(ErrorCode) {
        guard hasRoom(forWatches: count, pathBytes: pathBytes) else { throw .throttledOp }
    }

    /// Tells whether there is room for so many watches more, each in both tables at worst.
    ///
    /// - Parameters:
    ///   - count: Watches.
    ///   - pathBytes: Of all their paths.
    /// - Returns: False when a setWatches of them all would be refused.
    public func hasRoom(forWatches count: Int, pathBytes: Int) -> Bool {
        let (data, children) = (dataWatches.leftovers, childWatches.leftovers)
        let all = watchCount + data.count + children.count
        let bytes = watchPathBytes + data.pathBytes + children.pathBytes
        return all + 2 * count <= Limits.watchesMax
            && bytes + 2 * pathBytes <= Limits.watchPathBytesMax
    }

    /// All or nothing: without room for every one of them no watch is set and no event is told.
    private mutating func makeSure(of lists: [[String]]) throws(ErrorCode) {
        let (count, bytes) = lists.joined().reduce(into: (0, 0)) { sum, path in
            sum.0 += 1
            sum.1 += path.utf8.count
        }
        effort += count
        try makeSure(of: count, pathBytes: bytes)
    }

    mutating func aboutWatches(
        _ request: Request,
        by caller: Caller,
        _ hits: inout [WatchHit]
    ) throws(ErrorCode) -> Answer {
        let done = Answer(response: .empty, dependsOn: 0)
        switch request {
        case .addWatch(let request):
            let isRecursive = request.mode == .persistentRecursive
            try watch(.both, isRecursive ? .recursive : .persistent, request.path, by: caller)
            return Answer(response: .error(.ok), dependsOn: 0)
        case .removeWatches(let request):
            var found = false
            if request.type != .children {
                found = dataWatches.remove(request.path, for: caller.connection)
            }
            if request.type != .data {
                let foundHere = childWatches.remove(request.path, for: caller.connection)
                found = found || foundHere
            }
            guard found else { throw .noWatcher }
            return done
        case .checkWatches(let request):
            let data = dataWatches.modes(on: request.path, for: caller.connection)
            let children = childWatches.modes(on: request.path, for: caller.connection)
            guard
                !data.isEmpty && request.type != .children
                    || !children.isEmpty
                        && request.type != .data
            else { throw .noWatcher }
            return done
        case .setWatches(let request):
            try makeSure(of: [request.dataWatches, request.existWatches, request.childWatches])
            try catchUp(request, by: caller, &hits)
            return Answer(response: .empty, dependsOn: lastZxid)
        case .setWatches2(let request):
            try makeSure(of: [
                request.oneShot.dataWatches, request.oneShot.existWatches,
                request.oneShot.childWatches, request.persistentWatches,
                request.persistentRecursiveWatches,
            ])
            try catchUp(request.oneShot, by: caller, &hits)
            for path in request.persistentWatches {
                try watch(.both, .persistent, path, by: caller)
            }
            for path in request.persistentRecursiveWatches {
                try watch(.both, .recursive, path, by: caller)
            }
            return Answer(response: .empty, dependsOn: lastZxid)
        default: throw .systemError
        }
    }

    /// Tells the caller what changed while it was away, and watches the rest again.
    private mutating func catchUp(
        _ request: SetWatchesRequest,
        by caller: Caller,
        _ hits: inout [WatchHit]
    ) throws(ErrorCode) {
        func tell(_ kind: WatchEvent.Kind, _ path: String) {
            hits.append(WatchHit(WatchEvent(kind, path: path), [caller.connection]))
        }
        for path in request.dataWatches {
            if let node = node(path) {
                guard node.mzxid <= request.relativeZxid else {
                    tell(.nodeDataChanged, path)
                    continue
                }
                try watch([.data], .oneShot, path, by: caller)
            } else {
                tell(.nodeDeleted, path)
            }
        }
        for path in request.existWatches {
            if node(path) != nil {
                tell(.nodeCreated, path)
            } else {
                try watch([.data], .oneShot, path, by: caller)
            }
        }
        for path in request.childWatches {
            if let node = node(path) {
                guard node.pzxid <= request.relativeZxid else {
                    tell(.nodeChildrenChanged, path)
                    continue
                }
                try watch([.children], .oneShot, path, by: caller)
            } else {
                tell(.nodeDeleted, path)
            }
        }
    }

    /// One event a change and connection; the node's own event comes before its parent's.
    mutating func fire(_ journal: Journal) -> [WatchHit] {
        guard watchCount > 0 else { return [] }
        var hits: [WatchHit] = []
        func tell(_ kind: WatchEvent.Kind, _ node: ZNode, _ connections: [ConnectionID]) {
            guard !connections.isEmpty else { return }
            let event = WatchEvent(kind, path: node.path)
            hits.append(WatchHit(event, connections, acl: node.acl))
        }
        for step in journal.steps {
            switch step {
            case .aclSet, .counted: break
            case .inserted(let node, let parent, _, _):
                tell(.nodeCreated, node, dataWatches.fireNode(node))
                tell(.nodeChildrenChanged, parent, childWatches.fireChildren(of: parent))
            case .dataSet(let node, _, _, _, _, _):
                tell(.nodeDataChanged, node, dataWatches.fireNode(node))
            case .removed(let node, let parent, _, _):
                let data = dataWatches.fireNode(node)
                let children = childWatches.fireNode(node)
                let both = WatchTable.merged([data, children].filter { !$0.isEmpty })
                tell(.nodeDeleted, node, both)
                tell(.nodeChildrenChanged, parent, childWatches.fireChildren(of: parent))
            }
        }
        effort += dataWatches.takeDetours() + childWatches.takeDetours()
        return hits
    }
}

extension ZNodeTree {
    /// Registrations in the data table.
    public var dataWatchCount: Int { dataWatches.count }
    /// Connections with a registration in the data table.
    public var dataWatcherCount: Int { dataWatches.connectionCount }
    /// Paths with a registration in the data table.
    public var watchedDataPathCount: Int { dataWatches.pathCount }
}
