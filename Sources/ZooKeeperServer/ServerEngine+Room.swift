import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// Memory of all connections together: who waits for room, and who is closed to make some.
///
/// Bytes that wait to be read by slow clients, and parts of requests that are yet to come whole, share one
/// bound. Beyond it answers that are big are not made: their requests wait in line, and readers that take
/// nothing go after a second. What small answers and events add on top of it has a bound of its own, at which
/// those that hold most for longest are closed at once.
extension ServerEngine {
    var heldBytes: Int { unsentTotal + sharedNames.count + inboundTotal }

    /// Counts the bytes that came and were not used yet.
    mutating func keep(_ left: Int, of connection: Connection, after intake: Intake) {
        if left == 0 || intake.next != .moreBytes {
            connection.inboundSince = nil
        } else if intake.consumed > 0 || connection.inboundSince == nil {
            connection.inboundSince = (turnStart, turnStart)
        } else if left > connection.inbound {
            connection.inboundSince?.grown = turnStart
        }
        inboundTotal += left - connection.inbound
        connection.inbound = left
    }

    /// False for a request whose answer has to wait until others were read.
    mutating func hasRoom(forAnswerTo frame: Span<UInt8>, _ connection: Connection) -> Bool {
        // One answer is as long as it is; only many of them need a look.
        guard heldBytes > Limits.heldBytesMax / 4 else { return true }
        let bytes = answerBytes(frame)
        guard bytes >= Limits.bigAnswerBytesMin, heldBytes + bytes > Limits.heldBytesMax else {
            return true
        }
        // Alone, the biggest of answers is made.
        guard heldBytes - connection.inbound > 0 else { return true }
        connection.isPaused = true
        if !connection.isCramped { cramped.append(connection.id) }
        connection.isCramped = true
        if nextRelief == nil { nextRelief = turnStart + Limits.stuckReaderTime }
        return false
    }

    /// About how long the answer will be; 0 for what is short.
    private func answerBytes(_ frame: Span<UInt8>) -> Int {
        var reader = ByteReader(frame)
        do throws(WireError) {
            switch try RequestHeader(from: &reader).opCode {
            case .getChildren, .getChildren2: return tree.listingBytes(of: try reader.readString())
            case .getData: return tree.dataBytes(of: try reader.readString())
            case .multiRead: return frame.count * Limits.multiReadFactor
            default: return 0
            }
        } catch {
            return 0
        }
    }

    /// Lets those in line try again once a good part of the room is free.
    mutating func resumeCramped() {
        guard !cramped.isEmpty, heldBytes <= Limits.heldBytesMax / 4 * 3 else { return }
        for id in cramped {
            guard let connection = connections[id] else { continue }
            connection.isCramped = false
            connection.isPaused = connection.backlog >= Limits.unsentBytesHigh
            if !connection.isPaused { resumable.append(id) }
        }
        cramped.removeAll(keepingCapacity: true)
        nextRelief = nil
    }

    /// Closes the readers that are in the way of those in line, and the writers of what never comes whole.
    mutating func relieve(_ now: Instant) {
        guard let due = nextRelief, due <= now else { return }
        nextRelief = cramped.isEmpty ? nil : now + Limits.stuckReaderTime
        var reliefs = 0
        // Their pings wait behind what the registry itself holds back.
        for session in cramped.compactMap({ connections[$0]?.session }) {
            tree.touchSession(session, now: now - lag)
        }
        for connection in connections.values where connection.phase != .broken {
            guard let reason = obstruction(by: connection, now) else { continue }
            guard reliefs < Limits.reliefsPerTurnMax else {
                nextRelief = now
                return
            }
            reliefs += 1
            breakOff(connection, because: reason)
        }
    }

    /// Why a connection has to go for those in line; nil when it may stay.
    private func obstruction(by connection: Connection, _ now: Instant) -> ClosingReason? {
        func isTooLong(_ start: Instant, _ progress: Instant) -> Bool {
            now - progress >= Limits.stuckReaderTime || now - start >= Limits.slowReaderTime
        }
        let need = "others need the room"
        if connection.backlog > 0, let since = connection.backlogSince,
            isTooLong(since.start, since.taken)
        {
            let text = "\(connection.backlog) bytes wait for it to read, and \(need)"
            return ClosingReason(.unread, text)
        }
        if let since = connection.inboundSince, isTooLong(since.start, since.grown) {
            let text = "\(connection.inbound) bytes of a frame came, not the rest, and \(need)"
            return ClosingReason(.frame, text)
        }
        return nil
    }

    /// The last bound: closes who holds memory for longest, until a quarter of it is free.
    mutating func breakOffLongest() {
        let holders = connections.values.filter { $0.backlog + $0.inbound > 0 }.sorted {
            ($0.backlogSince?.start ?? turnStart, $0.id) < (
                $1.backlogSince?.start ?? turnStart, $1.id
            )
        }
        var excess = heldBytes - Limits.heldBytesLimit / 4 * 3
        for connection in holders where excess > 0 && connection.phase != .broken {
            let bytes = connection.backlog + connection.inbound
            excess -= bytes
            let text =
                "\(bytes) bytes are held for it, \(Limits.heldBytesLimit) for all is the limit"
            breakOff(connection, because: ClosingReason(.unread, text))
        }
    }

    /// Who does not read its last answer is not waited for.
    mutating func endFinishings(_ now: Instant) {
        var ended = 0
        for (deadline, id) in finishings {
            guard deadline <= now || connections[id] == nil else { break }
            ended += 1
            guard let connection = connections[id] else { continue }
            let seconds = Limits.finishWaitMax.milliseconds / 1_000
            let text = "it did not read its last answer within \(seconds) s"
            breakOff(connection, because: ClosingReason(.unread, text))
        }
        finishings.removeFirst(ended)
    }

    /// What a connection did whose session expired, for the log.
    func silence(of connection: Connection, _ session: Int64) -> ClosingReason {
        let name = "session 0x\(String(session, radix: 16)) expired"
        if connection.isPaused || connection.backlog > 0 {
            return ClosingReason(.unread, "\(name), \(connection.backlog) bytes are not read")
        }
        if connection.inbound > 0 {
            return ClosingReason(.frame, "\(name), \(connection.inbound) bytes of a frame came")
        }
        return ClosingReason(.expired, "\(name), nothing came")
    }
}
