public import ZooKeeperProtocol

/// Listings of children for servers that answer many readers with the same bytes.
extension ZNodeTree {
    /// The answer to getChildren and getChildren2.
    public struct Listing: Sendable {
        /// Shared with everyone who lists the node until a child comes or goes.
        public let names: EncodedNames
        /// Of the node.
        public let stat: Stat
        /// Least zxid that must be durable before the answer may leave.
        public let dependsOn: Int64
    }

    /// Lists a node's children as `apply` does, and sets the watch, without making a text of each name.
    ///
    /// - Parameters:
    ///   - request: The body of a getChildren or getChildren2.
    ///   - caller: Whose request it is.
    /// - Returns: The listing; nil where `apply` gives an error, with nothing done.
    /// - Complexity: O(1), and O(bytes of the names) once for each change of the list.
    public mutating func listing(_ request: GetChildrenRequest, by caller: Caller) -> Listing? {
        let node: ZNode
        do throws(ErrorCode) {
            node = try children(request, by: caller)
        } catch {
            return nil
        }
        return Listing(names: names(of: node), stat: node.stat, dependsOn: node.touched)
    }

    private mutating func names(of node: ZNode) -> EncodedNames {
        guard let branch = node.branch, !branch.children.isEmpty else { return .none }
        if let names = branch.encodedNames { return names }
        let names = EncodedNames(branch.children.map(\.name))
        branch.encodedNames = names
        listsEncoded += 1
        return names
    }
}
