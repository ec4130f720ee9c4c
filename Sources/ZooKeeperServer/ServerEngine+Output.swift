import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// The way out: frames pass the gate into their connection, and become actions at the end of the turn.
extension ServerEngine {
    /// Queues a frame for a connection, through the gate, with what it was asked by; nil for an event.
    mutating func pass(
        _ frame: Frame,
        to connection: Connection,
        needing zxid: Int64,
        asked: Asked? = nil
    ) {
        guard gate.isOpen(for: connection, needing: zxid) else {
            gate.hold(frame, for: connection, needing: zxid, asked: asked)
            return
        }
        if let asked {
            statistics.answered(asked)
            connection.statistics.answered()
        }
        append(frame, to: connection)
    }

    /// Queues a frame that shares nothing.
    mutating func pass(
        _ bytes: [UInt8],
        to connection: Connection,
        needing zxid: Int64,
        asked: Asked? = nil
    ) {
        pass(Frame(head: bytes), to: connection, needing: zxid, asked: asked)
    }

    /// The connections that are told: those that may read the node, as from ZooKeeper 3.8.4 on.
    private func readers(of hit: WatchHit) -> [ConnectionID] {
        if hit.isForAll { return hit.connections }
        return hit.connections.filter { id in
            guard let connection = connections[id], let session = connection.session else {
                return false
            }
            let identities = connection.identities
            return hit.isFor(Caller(connection: id, session: session, identities: identities))
        }
    }

    /// Queues events; each is encoded once, however many get it.
    mutating func deliver(_ hits: [WatchHit], needing zxid: Int64) {
        for hit in hits {
            let readers = readers(of: hit)
            guard !readers.isEmpty else { continue }
            var writer = ByteWriter(capacity: hit.event.path.utf8.count + 40)
            FrameWriter.append(hit.event, to: &writer)
            statistics.fired(
                hit.event.type,
                to: readers.count,
                bytes: writer.count - ZooKeeperProtocol.Limits.frameLengthBytes
            )
            for id in readers {
                guard let connection = connections[id], connection.session != nil else { continue }
                pass(writer.bytes, to: connection, needing: zxid)
                work += 1 + writer.count / Limits.bytesPerWorkUnit
                connection.eventBytes += writer.count
                guard connection.eventBytes > settings.unsentEventBytesMax else { continue }
                if connection.backlog > settings.unsentEventBytesMax {
                    let limit = settings.unsentEventBytesMax
                    let text = "it does not read its events, more than \(limit) bytes wait"
                    breakOff(connection, because: ClosingReason(.unread, text))
                }
            }
        }
    }

    /// Sends what is queued and a last piece of text or frame, then closes.
    mutating func finish(_ connection: Connection, with bytes: [UInt8]) {
        connection.phase = .finishing
        finishings.append((turnStart + Limits.finishWaitMax, connection.id))
        append(Frame(head: bytes), to: connection)
    }

    /// The connection ends at once; its session, if it has one, lives on.
    mutating func breakOff(_ connection: Connection, because reason: ClosingReason?) {
        if let session = connection.session {
            connectionOf[session] = nil
            report(session, .connectionLost, zxid: tree.lastZxid)
        }
        connection.phase = .broken
        connection.breakReason = reason
        tree.removeWatches(of: connection.id)
        mark(connection)
    }

    /// What the shell has to do now; facts first, then the bytes of each connection.
    ///
    /// - Complexity: O(connections with output).
    mutating func takeActions() -> [ServerAction] {
        var actions: [ServerAction] = []
        takeActions(into: &actions)
        return actions
    }

    /// What the shell has to do now, as `takeActions` says, behind what is in the list already.
    mutating func takeActions(into actions: inout [ServerAction]) {
        for fact in facts { actions.append(.report(fact)) }
        facts.removeAll(keepingCapacity: true)
        for warning in warnings { actions.append(.warn(warning)) }
        warnings.removeAll(keepingCapacity: true)
        if heldBytes > Limits.heldBytesLimit { breakOffLongest() }
        for connection in dirty {
            connection.isDirty = false
            guard connections[connection.id] != nil else { continue }
            if connection.phase == .broken {
                actions.append(.close(connection.id, reason: connection.breakReason))
                continue
            }
            if connection.out.count > 0 {
                connection.unsent += connection.out.count
                connection.out.takePieces { actions.append(.send(connection.id, $0)) }
                actions.append(.flush(connection.id))
            }
            if connection.phase == .finishing, connection.held.isEmpty {
                actions.append(.finish(connection.id, reason: connection.breakReason))
            }
        }
        dirty.removeAll(keepingCapacity: true)
        for note in notes { actions.append(.note(note.id, reason: note.reason)) }
        notes.removeAll(keepingCapacity: true)
        for id in resumable { actions.append(.resume(id)) }
        resumable.removeAll(keepingCapacity: true)
    }

    /// The shell has to look at the connection at the end of this turn.
    private mutating func mark(_ connection: Connection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    mutating func append(_ frame: Frame, frames: Int = 1, to connection: Connection) {
        if connection.backlogSince == nil { connection.backlogSince = (turnStart, turnStart) }
        work += frame.count / Limits.bytesPerWorkUnit
        connection.out.append(frame)
        frame.names.map { sharedNames.add($0) }
        connection.statistics.sent += frames
        statistics.sent += frames
        weigh(connection)
        mark(connection)
    }

    /// Takes the shell's word for how many bytes of the connection are not written yet.
    mutating func settle(_ connection: Connection, unsent: Int) {
        connection.unsent = unsent
        connection.out.release(unwritten: connection.backlog) { sharedNames.remove($0) }
        weigh(connection)
    }

    /// The connection is gone, and all that it had to send.
    mutating func forgetOutput(of connection: Connection) {
        connection.out.release(unwritten: 0) { sharedNames.remove($0) }
        unsentTotal -= connection.weight
        connection.weight = 0
    }

    /// Counts what the connection alone keeps in memory.
    private mutating func weigh(_ connection: Connection) {
        let weight = max(0, connection.backlog - connection.out.sharedCount)
        unsentTotal += weight - connection.weight
        connection.weight = weight
    }
}
