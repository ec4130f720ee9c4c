public import ServiceModel
import ZooKeeperProtocol

/// A tree out of what was kept of another one: sessions first, then znodes, parents before their children.
extension ZNodeTree {
    /// Calls with every node, parents before their children.
    ///
    /// - Complexity: O(nodes).
    public func forEachNode(_ body: (ZNodeAtRest) -> Void) {
        var left = [root]
        while let node = left.popLast() {
            body(ZNodeAtRest(node))
            left.append(contentsOf: node.children.reversed())
        }
    }

    /// Puts a session back, with its full timeout from now.
    ///
    /// - Parameters:
    ///   - id: Not 0, and not there yet.
    ///   - timeout: As it was negotiated.
    ///   - now: When the timeout begins.
    /// - Throws: `TreeDamage` when the id is 0 or taken.
    public mutating func restoreSession(
        _ id: Int64,
        timeout: Duration,
        now: Instant
    ) throws(TreeDamage) {
        guard id != 0 else { throw TreeDamage(.session, session: id, "no session has this id") }
        guard sessions[id] == nil else {
            throw TreeDamage(.duplicate, session: id, "it is there already")
        }
        open(Session(id: id, timeout: timeout, deadline: now + timeout))
    }

    /// Gives every session its full timeout from now.
    ///
    /// - Complexity: O(n log n) in the sessions.
    public mutating func startSessions(now: Instant) {
        for session in sessions.values {
            session.deadline = now + session.timeout
            expiry.set(session, due: session.deadline)
        }
    }

    /// Makes room for so many znodes in all, before they are put back.
    public mutating func reserve(_ nodeCount: Int) { nodes.reserve(nodeCount) }

    /// Puts a znode back; nothing is recorded, and nobody is told.
    ///
    /// The nodes that every tree has take over what was kept of them.
    ///
    /// - Parameter rest: What was kept; its parent and its owner are there already.
    /// - Throws: `TreeDamage` when it cannot be in a tree, or not in this one.
    /// - Complexity: O(bytes of the path), O(depth).
    public mutating func restore(_ rest: ZNodeAtRest) throws(TreeDamage) {
        let newest = max(rest.czxid, rest.mzxid, rest.pzxid)
        guard 0 <= min(rest.czxid, rest.mzxid), rest.czxid <= rest.pzxid, newest <= lastZxid else {
            throw TreeDamage(
                .zxid,
                rest.path,
                "czxid \(rest.czxid), mzxid \(rest.mzxid) and pzxid \(rest.pzxid) "
                    + "cannot be those of a znode at zxid \(lastZxid)"
            )
        }
        let node: ZNode
        if BuiltIn.contains(rest.path), let builtIn = nodes.find(rest.path) {
            guard rest.kind == .persistent else {
                throw TreeDamage(.kind, rest.path, "the built-in node can only be persistent")
            }
            node = builtIn
            setAccess(of: node, to: accessLists.list(rest.acl))
            replaceData(of: node, with: rest.data)
        } else {
            node = try place(rest.path, rest.kind, rest.data, rest.acl)
        }
        (node.czxid, node.mzxid, node.pzxid) = (rest.czxid, rest.mzxid, rest.pzxid)
        (node.ctime, node.mtime, node.touched) = (rest.ctime, rest.mtime, newest)
        (node.version, node.aversion) = (rest.version, rest.aversion)
        node.creations = rest.creations
        reconsider(node)
    }

    /// Where a new node of that kind goes.
    private func parent(
        for path: String,
        hash: Int,
        _ kind: ZNodeKind
    ) throws(TreeDamage) -> ZNode {
        guard ZNodePath.isValid(path), let above = ZNodePath.parent(of: path) else {
            throw TreeDamage(.misplaced, path, "this is not a path of a znode")
        }
        guard nodes.find(path, length: path.utf8.count, hash: hash) == nil else {
            throw TreeDamage(.duplicate, path, "it is there already")
        }
        guard let parent = node(above) else {
            throw TreeDamage(.misplaced, path, "its parent is missing")
        }
        guard parent.owner == 0 else {
            throw TreeDamage(.misplaced, path, "its parent is an ephemeral")
        }
        switch kind {
        case .persistent, .container: break
        case .ttl(let milliseconds):
            guard 1...Limits.ttlMillisecondsMax ~= milliseconds else {
                throw TreeDamage(.kind, path, "a TTL of \(milliseconds) ms cannot be")
            }
        case .ephemeral(let session):
            guard sessions[session] != nil else {
                throw TreeDamage(.session, path, "its session \(session) is unknown")
            }
        }
        return parent
    }

    /// Puts a new node below its parent, of which nothing changes but the list of children.
    mutating func place(
        _ path: String,
        _ kind: ZNodeKind,
        _ data: [UInt8]?,
        _ acl: [ACL]
    ) throws(TreeDamage) -> ZNode {
        var hash = PathHash()
        let value = hash.advance(to: path.utf8.count, of: path)
        let parent = try parent(for: path, hash: value, kind)
        let node = ZNode(
            path: path,
            hash: value,
            kind: kind,
            parent: parent,
            data: data,
            access: accessLists.list(acl),
            zxid: 0,
            milliseconds: 0
        )
        attach(node, to: parent)
        reconsider(parent)
        return node
    }
}
