import ZooKeeperProtocol

/// What administrators are shown: lists that can be long are views, to be gone through bit by bit.
extension ZNodeTree {
    /// Ids of all sessions, ascending.
    ///
    /// - Complexity: O(n log n).
    public var sessionIDs: [Int64] { sessions.keys.sorted() }

    /// Paths of the session's ephemerals as of now, without copying them.
    public func ephemeralPaths(of id: Int64) -> EphemeralPaths {
        EphemeralPaths(nodes: sessions[id]?.ephemerals ?? [])
    }

    /// Paths that the connection watches in the data table as of now, without copying them.
    public func watchedDataPaths(of connection: ConnectionID) -> WatchedPaths {
        dataWatches.paths(of: connection)
    }

    /// Connections with a registration for the path in the data table, oldest first.
    public func dataWatchers(of path: String) -> [ConnectionID] { dataWatches.watchers(of: path) }

    /// Nodes `zookeeper_limits` and `zookeeper_stats` below /zookeeper/quota, with their data as text.
    ///
    /// - Parameter nodesMax: No more nodes are looked at.
    /// - Returns: Paths below /zookeeper/quota, the node's own name included, and data.
    public func quotaTexts(nodesMax: Int) -> [(path: String, text: String)] {
        guard let quota = node(BuiltIn.quota) else { return [] }
        var (open, texts) = ([quota], [(path: String, text: String)]())
        var looked = 0
        while let next = open.popLast(), looked < nodesMax {
            looked += 1
            guard next.childCount == 0 else {
                open.append(contentsOf: next.children.prefix(nodesMax - looked))
                continue
            }
            guard next !== quota, let data = next.data else { continue }
            let path = String(next.path.dropFirst(BuiltIn.quota.count))
            texts.append((path, String(decoding: data, as: UTF8.self)))
        }
        return texts
    }
}

/// Paths of a session's ephemerals, as they were when it was asked for.
public struct EphemeralPaths {
    let nodes: [ZNode]

    /// How many there are.
    public var count: Int { nodes.count }
    /// One of them.
    public subscript(index: Int) -> String { nodes[index].path }
}

/// Paths that a connection watches, as they were when it was asked for.
public struct WatchedPaths: Sequence {
    let keys: [PathKey: Int]

    /// True when there are none.
    public var isEmpty: Bool { keys.isEmpty }

    /// Goes through the paths in no order.
    public func makeIterator() -> Iterator { Iterator(keys: keys.makeIterator()) }

    /// Goes through the paths in no order.
    public struct Iterator: IteratorProtocol {
        var keys: [PathKey: Int].Iterator

        /// The next path.
        public mutating func next() -> String? { keys.next()?.key.path }
    }
}
