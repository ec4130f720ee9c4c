import ServiceModel

/// What becomes of committed changes when they are recorded: one record each, with what the nodes are at the end.
extension ZNodeTree {
    /// The steps of a commit, in their order.
    ///
    /// Data go into the record once for each node, however often a multi set them: with its last dataSet, or
    /// else with its creation. Figures of quotas are left out, as `countQuotas` works them out; those that a quota
    /// leaves behind with its limits are kept.
    ///
    /// - Returns: False, with nothing recorded, for a record that is longer than `recordBytesMax`.
    mutating func record(_ journal: Journal) -> Bool {
        guard isRecording else { return true }
        recorded.writer.begin(at: journal.time.milliseconds)
        for step in journal.steps {
            switch step {
            case .inserted(let node, let parent, _, _):
                recorded.writer.created(
                    node.path,
                    node.kind,
                    node.version == 0 ? node.data : nil,
                    node.acl,
                    parentCreations: parent.creations
                )
            case .removed(let node, _, _, _):
                recorded.writer.deleted(node.path, node.owner)
            case .dataSet(let node, _, let version, _, _, _):
                guard version &+ 1 == node.version else { continue }
                recorded.writer.dataSet(
                    node.path,
                    node.owner,
                    node.data,
                    version: node.version
                )
            case .aclSet(let node, _, _, _):
                recorded.writer.aclSet(node.path, node.owner, node.acl, version: node.aversion)
            case .counted: continue
            }
        }
        if !quotas.isEmpty { recordEndedQuotas(of: journal) }
        recorded.end(zxid: journal.zxid)
        guard recorded.lastByteCount > recordBytesMax else { return true }
        recorded.removeLast()
        return false
    }

    /// Behind all other changes, as the statistics may be younger than the end of the limits.
    private mutating func recordEndedQuotas(of journal: Journal) {
        for case .removed(let node, _, _, _) in journal.steps {
            guard let statistics = statistics(leftBy: node) else { continue }
            recorded.writer.counted(statistics.path, statistics.owner, statistics.data)
        }
    }

    /// The end of a session: its ephemerals are not listed, so that the record is short whatever goes with it.
    mutating func record(_ journal: Journal, endOf session: Int64) {
        guard isRecording else { return }
        recorded.writer.begin(at: journal.time.milliseconds)
        recorded.writer.sessionEnded(session)
        recorded.end(zxid: journal.zxid)
    }

    /// A session has begun, or goes on with another timeout.
    mutating func record(_ tag: RecordWriter.ChangeTag, _ session: Session) {
        guard isRecording else { return }
        recorded.writer.begin(at: 0)
        let timeout = Int32(clamping: session.timeout.milliseconds)
        recorded.writer.session(tag, session.id, timeout)
        recorded.end(zxid: lastZxid)
    }
}
