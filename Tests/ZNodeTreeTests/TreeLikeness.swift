import Testing
import ZooKeeperProtocol

@testable import ZNodeTree

/// All of a tree that lives on when it is kept and put back, to be compared as a whole.
///
/// Not the order of children and of ephemerals, which even a multi that fails may change.
struct TreeLikeness: Equatable {
    struct Node: Equatable {
        let rest: ZNodeAtRest
        let stat: Stat
        let weight: ZNode.Weight
        let hasQuota: Bool
        let due: Int64?
    }
    struct Owner: Equatable {
        let id: Int64
        let timeout: Duration
        let ephemerals: [String]
    }

    var lastZxid: Int64
    /// By path.
    var nodes: [Node] = []
    var owners: [Owner]
    let counts: [Int]

    init(_ tree: borrowing ZNodeTree) {
        lastZxid = tree.lastZxid
        var rests: [ZNodeAtRest] = []
        tree.forEachNode { rests.append($0) }
        for rest in rests.sorted(by: { $0.path < $1.path }) {
            guard let node = tree.node(rest.path) else { continue }
            nodes.append(
                Node(
                    rest: rest,
                    stat: node.stat,
                    weight: tree.measured(node),
                    hasQuota: node.hasQuota,
                    due: ZNodeTree.due(node)
                )
            )
        }
        owners = []
        for session in tree.sessionSummaries {
            let paths = tree.ephemerals(of: session.id).sorted()
            owners.append(Owner(id: session.id, timeout: session.timeout, ephemerals: paths))
        }
        counts = [
            tree.nodeCount, tree.sessionCount, tree.ephemeralNodeCount, tree.approximateDataSize,
            tree.reapableCount, tree.quotas.count,
        ]
    }
}

/// Expects that two trees are alike, and names what is not.
func expectAlike(
    _ left: TreeLikeness,
    _ right: TreeLikeness,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(left.lastZxid == right.lastZxid, sourceLocation: sourceLocation)
    #expect(left.owners == right.owners, sourceLocation: sourceLocation)
    #expect(left.counts == right.counts, sourceLocation: sourceLocation)
    #expect(
        left.nodes.map(\.rest.path) == right.nodes.map(\.rest.path),
        sourceLocation: sourceLocation
    )
    let difference = zip(left.nodes, right.nodes).first { $0 != $1 }
    #expect(difference?.0 == difference?.1, sourceLocation: sourceLocation)
}
