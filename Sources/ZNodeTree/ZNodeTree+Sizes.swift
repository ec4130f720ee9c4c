import ZooKeeperProtocol

/// How long an answer will be, before it is made.
extension ZNodeTree {
    /// About how many bytes the data of a node take in an answer; 0 for none.
    ///
    /// - Complexity: O(bytes of the path).
    public func dataBytes(of path: String) -> Int { node(path)?.data?.count ?? 0 }

    /// About how many bytes the names of a node's children take in an answer; 0 for none.
    ///
    /// The first name stands for all: siblings are mostly named alike.
    ///
    /// - Complexity: O(bytes of the path).
    public func listingBytes(of path: String) -> Int {
        guard let children = node(path)?.children, let first = children.first else { return 0 }
        return children.count * (first.name.utf8.count + 4)
    }
}
