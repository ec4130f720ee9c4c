public import ServiceModel
import Wire
import ZooKeeperProtocol

/// Records of the log carried out again: every value is the one that was recorded, nothing is worked out anew.
extension ZNodeTree {
    /// The transaction that effects belong to.
    private struct Stamp {
        let zxid: Int64
        let milliseconds: Int64
        let now: Instant
    }

    /// Carries out the effects of one record; nothing is recorded, and nobody is told.
    ///
    /// - Parameters:
    ///   - zxid: Above the last one; in earlier logs a session that goes on with another timeout has the last one itself.
    ///   - payload: The whole record.
    ///   - now: When the timeouts of sessions in it begin.
    /// - Throws: `TreeDamage` for bytes that are no record and for effects that cannot be; the tree is of no use then.
    /// - Complexity: O(bytes), O(depth) for each effect, O(ephemerals) for the end of a session.
    public mutating func replay(
        zxid: Int64,
        _ payload: Span<UInt8>,
        now: Instant
    ) throws(TreeDamage) {
        var reader = try Self.reader(of: payload, zxid)
        guard zxid >= lastZxid else {
            throw TreeDamage(.zxid, zxid: zxid, "it comes behind zxid \(lastZxid)")
        }
        let stamp = Stamp(zxid: zxid, milliseconds: reader.milliseconds, now: now)
        while let change = try Self.next(&reader, zxid) {
            if zxid == lastZxid {
                guard case .sessionResumed = change else {
                    throw TreeDamage(.zxid, zxid: zxid, "there was a change with this zxid before")
                }
            }
            try carryOut(change, stamp)
        }
        lastZxid = zxid
    }

    @_lifetime(copy payload)
    private static func reader(
        of payload: Span<UInt8>,
        _ zxid: Int64
    ) throws(TreeDamage) -> RecordReader {
        do throws(WireError) {
            return try RecordReader(payload)
        } catch {
            throw TreeDamage(.unreadable, zxid: zxid, "this is no record: \(error)", cause: error)
        }
    }

    private static func next(
        _ reader: inout RecordReader,
        _ zxid: Int64
    ) throws(TreeDamage) -> TreeChange? {
        do throws(WireError) {
            return try reader.next()
        } catch {
            throw TreeDamage(.unreadable, zxid: zxid, "this is no record: \(error)", cause: error)
        }
    }

    private mutating func carryOut(_ change: TreeChange, _ stamp: Stamp) throws(TreeDamage) {
        switch change {
        case .created(let path, let kind, let data, let acl, let creations):
            let node = try place(path, kind, data, acl)
            (node.czxid, node.mzxid) = (stamp.zxid, stamp.zxid)
            (node.ctime, node.mtime) = (stamp.milliseconds, stamp.milliseconds)
            (node.pzxid, node.touched) = (stamp.zxid, stamp.zxid)
            reconsider(node)
            guard let parent = node.parent else { return }
            parent.creations = creations
            changeChildren(of: parent, stamp)
        case .deleted(let path, _): try carryOutDeletion(of: path, stamp)
        case .dataSet(let path, _, let data, let version):
            let node = try existing(path)
            replaceData(of: node, with: data)
            (node.version, node.touched) = (version, stamp.zxid)
            (node.mzxid, node.mtime) = (stamp.zxid, stamp.milliseconds)
            reconsider(node)
        case .aclSet(let path, _, let acl, let version):
            let node = try existing(path)
            setAccess(of: node, to: accessLists.list(acl))
            (node.aversion, node.touched) = (version, stamp.zxid)
        case .counted(let path, _, let data):
            let node = try existing(path)
            replaceData(of: node, with: data)
            node.touched = stamp.zxid
        case .sessionOpened(let id, let timeout):
            try restoreSession(id, timeout: .milliseconds(timeout), now: stamp.now)
        case .sessionResumed(let id, let timeout):
            let session = try existing(session: id)
            resume(session, timeout: .milliseconds(timeout), now: stamp.now)
        case .sessionEnded(let id): try carryOutEnd(of: id, stamp)
        }
    }

    private mutating func carryOutDeletion(of path: String, _ stamp: Stamp) throws(TreeDamage) {
        let node = try existing(path)
        guard let parent = node.parent, !BuiltIn.contains(path) else {
            throw TreeDamage(.kind, path, "the built-in node cannot go")
        }
        guard node.childCount == 0 else {
            throw TreeDamage(.missing, path, "it cannot go, as there are nodes below it")
        }
        takeAway(node, from: parent, stamp)
    }

    private mutating func carryOutEnd(of id: Int64, _ stamp: Stamp) throws(TreeDamage) {
        let session = try existing(session: id)
        // From the end of the list, as when it ended: what is left behind then has the same order.
        while let node = session.ephemerals.last, let parent = node.parent {
            takeAway(node, from: parent, stamp)
        }
        close(session)
    }

    private mutating func takeAway(_ node: ZNode, from parent: ZNode, _ stamp: Stamp) {
        detach(node, from: parent)
        reconsider(node)
        changeChildren(of: parent, stamp)
    }

    private mutating func changeChildren(of parent: ZNode, _ stamp: Stamp) {
        (parent.pzxid, parent.touched) = (stamp.zxid, stamp.zxid)
        reconsider(parent)
    }

    private func existing(_ path: String) throws(TreeDamage) -> ZNode {
        guard let node = nodes.find(path) else {
            throw TreeDamage(.missing, path, "it is not there")
        }
        return node
    }

    private func existing(session id: Int64) throws(TreeDamage) -> Session {
        guard let session = sessions[id] else {
            throw TreeDamage(.session, session: id, "it is unknown")
        }
        return session
    }
}
