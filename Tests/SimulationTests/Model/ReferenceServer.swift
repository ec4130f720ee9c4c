import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// The server as the fact sheet describes it, with nothing but dictionaries.
///
/// It is given the same inputs as the engine, in the same order, and says what has to leave on which connection.
/// Only when a session ends by itself is the engine's choice, within bounds that the checker knows.
struct ReferenceServer {
    var tree = PlainTree()
    var watches = PlainWatches()
    /// Nodes that not everyone was told of who watched them.
    private(set) var withheld: Set<PlainPath> = []
    var sessions: [Int64: PlainSession] = [:]
    /// zxids at which sessions ended.
    var endedAt: [Int64: Int64] = [:]
    /// As the server gave them out.
    var passwords: [Int64: [UInt8]] = [:]
    var connections: [UInt64: PlainConnection] = [:]
    var connectionOf: [Int64: UInt64] = [:]
    /// What the aggregator has to be told next.
    var facts: [SessionFact] = []
    var lastZxid: Int64
    var durable: Int64

    /// Kept only where a crash may lead back to them.
    var moments: PlainMoments?

    let isDurableAtOnce: Bool
    let timeouts: ClosedRange<Duration>
    var nextSession: Int64

    init(
        firstZxid: Int64,
        firstSession: Int64,
        timeouts: ClosedRange<Duration>,
        isDurableAtOnce: Bool
    ) {
        (lastZxid, durable, nextSession) = (firstZxid, firstZxid, firstSession)
        (self.timeouts, self.isDurableAtOnce) = (timeouts, isDurableAtOnce)
    }

    // MARK: Connections

    mutating func opened(_ id: UInt64, _ identities: [Identity]) {
        connections[id] = PlainConnection(identities: identities)
    }

    /// The connection is gone, by whoever's doing.
    mutating func closed(_ id: UInt64) {
        lose(id)
        connections[id] = nil
    }

    /// The server has to close it at once.
    mutating func cut(_ id: UInt64) {
        lose(id)
        connections[id]?.phase = .broken
        connections[id]?.expected = []
    }

    /// What is expected leaves, then the server has to close it.
    private mutating func finish(_ id: UInt64) {
        lose(id)
        connections[id]?.phase = .finishing
    }

    private mutating func lose(_ id: UInt64) {
        watches.removeAll(id)
        guard let session = connections[id]?.session else { return }
        connectionOf[session] = nil
        facts.append(SessionFact(session: session, kind: .connectionLost, zxid: lastZxid))
    }

    mutating func durable(upTo zxid: Int64) { durable = max(durable, zxid) }

    func expect(_ body: Expected.Body, shows: Int64, due: Int64? = nil) -> Expected {
        Expected(body: body, shows: shows, due: due ?? shows, durable: durable)
    }

    mutating func changed() -> Int64 {
        lastZxid += 1
        if isDurableAtOnce { durable = lastZxid }
        return lastZxid
    }

    // MARK: Frames

    mutating func received(_ frame: [UInt8], on id: UInt64, now: Instant, time: UnixTime) {
        switch connections[id]?.phase {
        case .opening: handshake(frame, id, now)
        case .serving(let session):
            serve(frame, id, session, now, time)
        case .finishing, .broken, nil: break
        }
    }

    private mutating func handshake(_ frame: [UInt8], _ id: UInt64, _ now: Instant) {
        var reader = ByteReader(frame.span)
        guard let request = try? ConnectRequest(from: &reader), request.lastZxidSeen <= lastZxid
        else {
            cut(id)
            return
        }
        let wished = Duration.milliseconds(Int64(request.timeoutMilliseconds))
        let timeout = min(max(wished, timeouts.lowerBound), timeouts.upperBound)
        var session = request.sessionID
        var shows: Int64 = 0
        if session == 0 {
            session = nextSession
            nextSession += 1
            sessions[session] = PlainSession(timeout: timeout, heard: now)
            shows = changed()
            sessions[session]?.changed = shows
            remember()
        } else {
            let isRight = passwords[session] == request.password
            guard isRight, sessions[session] != nil else {
                // Who does not know the password is told nothing about the session.
                let shows = isRight ? endedAt[session] ?? 0 : 0
                let body = Expected.Body.refusal(hasReadOnly: request.readOnly != nil)
                let refusal = expect(body, shows: shows, due: lastZxid)
                connections[id]?.expected.append(refusal)
                finish(id)
                return
            }
            if sessions[session]?.timeout != timeout {
                let zxid = changed()
                sessions[session]?.timeout = timeout
                sessions[session]?.changed = zxid
                remember()
            }
            shows = sessions[session]?.changed ?? 0
            if let former = connectionOf[session] { cut(former) }
            sessions[session]?.hear(now)
            facts.append(SessionFact(session: session, kind: .connectionBack, zxid: lastZxid))
        }
        connections[id]?.phase = .serving(session)
        connectionOf[session] = id
        let body = Expected.Body.session(
            session,
            timeoutMilliseconds: Int32(timeout.milliseconds),
            hasReadOnly: request.readOnly != nil
        )
        let expected = expect(body, shows: shows)
        connections[id]?.expected.append(expected)
    }

    private mutating func serve(
        _ frame: [UInt8],
        _ id: UInt64,
        _ session: Int64,
        _ now: Instant,
        _ time: UnixTime
    ) {
        // Any frame is a sign of life, even one that makes no sense.
        sessions[session]?.hear(now)
        var reader = ByteReader(frame.span)
        guard let header = try? RequestHeader(from: &reader) else {
            cut(id)
            return
        }
        guard let opCode = header.opCode, opCode.isClientRequest else {
            reply(.failure(.unimplemented), header, to: id, shows: 0, saying: -1)
            finish(id)
            return
        }
        guard let request = try? Request.decode(opCode, from: &reader) else {
            reply(.failure(.marshallingError), header, to: id, shows: 0)
            return
        }
        switch request {
        case .ping:
            let ping = RequestHeader(xid: XID.ping, opCode: .ping)
            reply(.success(.empty), ping, to: id, shows: 0)
        case .auth(let packet): authenticate(packet, header, id)
        case .closeSession:
            connectionOf[session] = nil
            connections[id]?.phase = .finishing
            let zxid = end(session, .closed)
            watches.removeAll(id)
            reply(.success(.empty), header, to: id, shows: zxid)
        default:
            let answer = self.answer(request, on: id, session, time.milliseconds)
            for event in answer.events { tell(event, shows: answer.shows, due: answer.due) }
            reply(answer.result, header, to: id, shows: answer.shows, due: answer.due)
        }
    }

    private mutating func authenticate(_ packet: AuthPacket, _ header: RequestHeader, _ id: UInt64)
    {
        let shown = PlainCredentials.identity(packet)
        guard shown != nil || packet.scheme == "ip" else {
            reply(.failure(.authFailed), header, to: id, shows: 0, saying: 0)
            finish(id)
            return
        }
        if let shown, connections[id]?.identities.contains(shown) == false {
            connections[id]?.identities.append(shown)
        }
        reply(.success(.empty), header, to: id, shows: 0, saying: 0)
    }

    private mutating func reply(
        _ result: Result<Response, ErrorCode>,
        _ header: RequestHeader,
        to id: UInt64,
        shows: Int64,
        due: Int64? = nil,
        saying zxid: Int64? = nil
    ) {
        let body = Expected.Body.reply(xid: header.xid, header.opCode, result)
        var expected = expect(body, shows: shows, due: due)
        expected.header = zxid
        connections[id]?.expected.append(expected)
    }

    private mutating func tell(
        _ told: (connection: UInt64, event: WatchEvent),
        shows: Int64,
        due: Int64
    ) {
        guard connections[told.connection]?.session != nil else { return }
        let expected = expect(.event(told.event), shows: shows, due: due)
        connections[told.connection]?.expected.append(expected)
    }

    /// All watches on it fire, but only who may read the node is told.
    mutating func told(of change: PlainChange) -> [(connection: UInt64, event: WatchEvent)] {
        watches.fire(change).filter { told in
            let acl =
                told.event.type == .nodeChildrenChanged ? change.parentACL : change.acl
            let identities = connections[told.connection]?.identities ?? []
            let isTold = PlainAccess.allows(.read, acl, identities)
            if !isTold { withheld.insert(PlainPath(told.event.path)) }
            return isTold
        }
    }

    // MARK: Ends of sessions

    /// The session ends: all its ephemerals go at one zxid, in an order of the server's own.
    @discardableResult
    mutating func end(_ session: Int64, _ kind: SessionFact.Kind) -> Int64 {
        sessions[session] = nil
        let zxid = changed()
        endedAt[session] = zxid
        for path in tree.ephemerals(session) { tree.remove(path, zxid: zxid) }
        remember()
        tell(tree.takeChanges(), shows: zxid, due: zxid)
        facts.append(SessionFact(session: session, kind: kind, zxid: zxid))
        return zxid
    }

    /// Tells of changes whose order is not known: the events may come in any.
    mutating func tell(_ changes: [PlainChange], shows: Int64, due: Int64) {
        var told: [UInt64: [WatchEvent]] = [:]
        for change in changes {
            for (connection, event) in self.told(of: change) {
                told[connection, default: []].append(event)
            }
        }
        for (connection, events) in told.sorted(by: { $0.key < $1.key }) {
            let isListening =
                connections[connection]?.session != nil
                || connections[connection]?.phase == .finishing
            guard isListening else { continue }
            let expected = expect(.events(events), shows: shows, due: due)
            connections[connection]?.expected.append(expected)
        }
    }

    /// The server says that the session's time is over.
    mutating func expire(_ session: Int64) {
        let former = connectionOf.removeValue(forKey: session)
        if let former { connections[former]?.phase = .broken }
        end(session, .expired)
        guard let former else { return }
        watches.removeAll(former)
        connections[former]?.expected = []
    }
}
