import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// The way out: frames pass the gate into their connection, and become actions at the end of the turn.
extension ServerEngine {
    /// Queues a frame for a connection, through the gate, with what it was asked by; nil for an event.
    mutating func pass(
        _ bytes: [UInt8],
        to connection: Connection,
        needing zxid: Int64,
        asked: Asked? = nil
    ) {
        guard gate.isOpen(for: connection.id, needing: zxid) else {
            gate.hold(bytes, for: connection.id, needing: zxid, asked: asked)
            return
        }
        if let asked {
            statistics.answered(asked)
            connection.statistics.answered()
        }
        append(bytes, frames: 1, to: connection)
    }

    /// Queues events; each is encoded once, however many get it.
    mutating func deliver(_ hits: [WatchHit], needing zxid: Int64) {
        for hit in hits {
            var writer = ByteWriter(capacity: hit.event.path.utf8.count + 40)
            FrameWriter.append(hit.event, to: &writer)
            statistics.fired(
                hit.event.type,
                to: hit.connections.count,
                bytes: writer.count - ZooKeeperProtocol.Limits.frameLengthBytes
            )
            for id in hit.connections {
                guard let connection = connections[id], connection.session != nil else { continue }
                pass(writer.bytes, to: connection, needing: zxid)
                connection.eventBytes += writer.count
                guard connection.eventBytes > settings.unsentEventBytesMax else { continue }
                if connection.backlog > settings.unsentEventBytesMax {
                    breakOff(connection, because: "it does not read its events")
                }
            }
        }
    }

    /// Sends what is queued and a last piece of text or frame, then closes.
    mutating func finish(_ connection: Connection, with bytes: [UInt8]) {
        connection.phase = .finishing
        append(bytes, frames: 1, to: connection)
    }

    /// The connection ends at once; its session, if it has one, lives on.
    mutating func breakOff(_ connection: Connection, because reason: String?) {
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
        var actions = facts.map { ServerAction.report($0) }
        facts.removeAll(keepingCapacity: true)
        if unsentTotal > Limits.unsentBytesTotalMax { breakOffWorst() }
        for connection in dirty {
            connection.isDirty = false
            guard connections[connection.id] != nil else { continue }
            if connection.phase == .broken {
                actions.append(.close(connection.id, reason: connection.breakReason))
                continue
            }
            if connection.out.count > 0 {
                connection.unsent += connection.out.count
                actions.append(.send(connection.id, connection.out.bytes))
                connection.out = ByteWriter()
            }
            if connection.phase == .finishing, gate.heldCount(of: connection.id) == 0 {
                actions.append(.finish(connection.id, reason: connection.breakReason))
            }
        }
        dirty.removeAll(keepingCapacity: true)
        actions += resumable.map { ServerAction.resume($0) }
        resumable.removeAll(keepingCapacity: true)
        return actions
    }

    /// The shell has to look at the connection at the end of this turn.
    private mutating func mark(_ connection: Connection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    mutating func append(_ bytes: [UInt8], frames: Int, to connection: Connection) {
        connection.out.writeBytes(bytes)
        connection.statistics.sent += frames
        statistics.sent += frames
        unsentTotal += bytes.count
        mark(connection)
    }

    /// Memory for answers that nobody fetches is bounded in all: who holds most of it goes.
    private mutating func breakOffWorst() {
        guard let worst = connections.values.max(by: { $0.backlog < $1.backlog }) else { return }
        breakOff(worst, because: "\(worst.backlog) bytes wait for it to read")
    }
}
