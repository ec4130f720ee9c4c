import ServiceModel
import ZooKeeperProtocol

@testable import ZNodeTree
@testable import ZooKeeperServer

/// What a start finds has to be what there was at some zxid, not before anything that was shown.
///
/// That is all there is to say: no acknowledged change is lost, as its zxid was shown; nothing is invented and no
/// multi is halved, as every node is compared with the plain model's; and changes that nobody was told of are
/// there as a prefix.
extension ServerChecker {
    /// Compares a recovered tree with what there was at its zxid.
    ///
    /// - Returns: That moment; nil when not all about it is known.
    func recovered(_ tree: borrowing ZNodeTree) throws(Fault) -> PlainMoments.Moment? {
        guard let moments = model.moments else { return nil }
        let zxid = tree.lastZxid
        guard zxid >= moments.shown else {
            throw Fault(
                "what was shown is gone",
                expected: "zxid \(moments.shown) or later",
                came: "recovered up to \(zxid), the last given was \(model.lastZxid)"
            )
        }
        guard let moment = moments.at(zxid) else {
            throw Fault("zxid \(zxid) was recovered and never given, the last is \(model.lastZxid)")
        }
        guard !moments.isVague(zxid) else { return nil }
        let timeouts = Self.timeouts(tree)
        guard moment.timeouts == timeouts else {
            throw Fault(
                "sessions recovered at zxid \(zxid)",
                expected: "\(moment.timeouts.sorted { $0.key < $1.key })",
                came: "\(timeouts.sorted { $0.key < $1.key })"
            )
        }
        try Self.compare(moment.nodes, tree)
        return moment
    }

    static func timeouts(_ tree: borrowing ZNodeTree) -> [Int64: Duration] {
        tree.sessions.mapValues(\.timeout)
    }

    private static func compare(
        _ nodes: [PlainPath: PlainNode],
        _ tree: borrowing ZNodeTree
    ) throws(Fault) {
        let about = "recovered at zxid \(tree.lastZxid): "
        for (path, node) in nodes {
            guard let came = tree.node(path.description) else {
                throw Fault(about + "\(path) is missing", expected: "\(node)")
            }
            guard isSame(node, came) else {
                let text = "\(came.stat), creations \(came.creations), \(came.data ?? [])"
                throw Fault(about + "\(path)", expected: "\(node)", came: text)
            }
        }
        guard tree.nodeCount == nodes.count else {
            var extra: [String] = []
            tree.forEachNode { if nodes[PlainPath($0.path)] == nil { extra.append($0.path) } }
            throw Fault(about + "nodes that nobody created", came: "\(extra)")
        }
    }

    private static func isSame(_ node: PlainNode, _ came: ZNode) -> Bool {
        let stat = came.stat
        return stat.czxid == node.czxid && stat.mzxid == node.mzxid && stat.pzxid == node.pzxid
            && stat.ctime == node.ctime && stat.mtime == node.mtime
            && stat.version == node.version && stat.cversion == node.cversion
            && stat.aversion == node.aversion && stat.ephemeralOwner == node.owner
            && came.creations == node.creations && isSameKind(node, came)
            && came.data == node.data && came.acl == node.acl
    }

    private static func isSameKind(_ node: PlainNode, _ came: ZNode) -> Bool {
        switch came.kind {
        case .persistent: node.owner == 0 && !node.isContainer && node.ttl == nil
        case .ephemeral(let session): node.owner == session
        case .container: node.isContainer
        case .ttl(let milliseconds): node.ttl == milliseconds
        }
    }

    /// The model goes on from a recovered tree, which was found to be right.
    mutating func goOn(
        from tree: borrowing ZNodeTree,
        _ moment: PlainMoments.Moment?,
        nextSession: Int64,
        now: Instant
    ) {
        crashed()
        let timeouts = Self.timeouts(tree)
        let known = moment?.nodes ?? Self.nodes(tree)
        model.goBack(
            to: tree.lastZxid,
            PlainMoments.Moment(nodes: known, timeouts: timeouts),
            timeouts: timeouts,
            nextSession: nextSession,
            now: now
        )
    }

    /// Where not all is known, what came is taken for right.
    private static func nodes(_ tree: borrowing ZNodeTree) -> [PlainPath: PlainNode] {
        var nodes: [PlainPath: PlainNode] = [:]
        var paths: [String] = []
        tree.forEachNode { paths.append($0.path) }
        for path in paths {
            guard let came = tree.node(path) else { continue }
            let stat = came.stat
            var node = PlainNode(
                data: came.data,
                acl: came.acl,
                czxid: stat.czxid,
                mzxid: stat.mzxid,
                pzxid: stat.pzxid,
                ctime: stat.ctime,
                mtime: stat.mtime,
                changed: max(stat.mzxid, stat.pzxid)
            )
            (node.version, node.cversion, node.aversion) = (
                stat.version, stat.cversion, stat.aversion
            )
            (node.creations, node.owner) = (came.creations, stat.ephemeralOwner)
            if case .ttl(let milliseconds) = came.kind { node.ttl = milliseconds }
            node.isContainer = came.kind == .container
            nodes[PlainPath(came.path)] = node
        }
        return nodes
    }
}
