import Runtime
import ServiceModel
import Testing
import Wire
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// The engine with scripted clients and a clock that only the test moves.
final class ServerBench {
    var engine: ServerEngine
    var now = Instant(nanoseconds: 1_000_000_000_000)
    /// Everything the engine asked for, in order, since the start.
    private(set) var log: [ServerAction] = []
    private var received: [ConnectionID: [UInt8]] = [:]
    private var pending: [ConnectionID: [UInt8]] = [:]
    private(set) var ended: Set<ConnectionID> = []
    /// What the log says of those that ended.
    private(set) var reasons: [ConnectionID: ClosingReason] = [:]
    /// Those of whom the log says that they are held back.
    private(set) var notes: [(id: ConnectionID, reason: ClosingReason)] = []
    /// True when nobody reads a last answer.
    var slowEnds = false
    /// From the begin of each turn to its end.
    var turnTime = Duration.zero
    /// Connections whose peers read nothing.
    var deaf: Set<ConnectionID> = []

    static let address = SocketAddress(ip: .v4(0x7f00_0001), port: 50_000)

    init(
        durability: ServerEngine.Durability = .inMemory,
        firstZxid: Int64 = 0,
        perAddress: Int = 60,
        total: Int = 10_000,
        superDigest: String? = nil,
        words: WordPolicy = .allOnLoopback,
        enforceQuota: Bool = false,
        reaperInterval: Duration = .seconds(60)
    ) {
        var configuration = RegistryConfiguration(connectionsMax: total)
        configuration.connectionsPerAddressMax = perAddress
        (configuration.superDigest, configuration.words) = (superDigest, words)
        (configuration.enforceQuota, configuration.reaperInterval) = (enforceQuota, reaperInterval)
        engine = ServerEngine(
            settings: ServerEngine.Settings(configuration),
            durability: durability,
            firstZxid: firstZxid,
            firstSession: 0x100,
            passwords: SessionPasswords(key: (1, 2))
        )
    }

    var moment: Moment {
        Moment(now: now, time: UnixTime(milliseconds: now.nanoseconds / 1_000_000))
    }

    // MARK: What the shell does

    func open(from peer: SocketAddress? = ServerBench.address) -> ConnectionID? {
        switch engine.opened(from: peer, now: now) {
        case .success(let id): id
        case .failure: nil
        }
    }

    /// Bytes arrive at the engine; what it leaves is offered again with the next ones.
    @discardableResult
    func send(_ bytes: [UInt8], on id: ConnectionID) -> Intake {
        let all = pending.removeValue(forKey: id) ?? []
        return offer(all + bytes, id)
    }

    private func offer(_ bytes: [UInt8], _ id: ConnectionID) -> Intake {
        let intake = engine.received(bytes.span, on: id, at: moment)
        pending[id] = Array(bytes.dropFirst(intake.consumed))
        carryOut()
        return intake
    }

    /// Bytes that the engine has not used yet.
    func pendingBytes(_ id: ConnectionID) -> Int { pending[id]?.count ?? 0 }

    func hangUp(_ id: ConnectionID) {
        engine.closed(id)
        carryOut()
    }

    func wake(due: Instant? = nil) {
        engine.wake(at: moment, due: due ?? now)
        carryOut()
    }

    /// Turns one behind the other, for as long as each asks for the next at once.
    func wakeWhileDue() {
        for _ in 0..<10_000 {
            guard let due = engine.nextDeadline, due <= now else { return }
            wake()
        }
        Issue.record("there is no end to it")
    }

    /// A turn begins whose timer was due then.
    func begin(due: Instant?) { engine.begin(turnAt: now, due: due) }

    func becomeDurable(upTo zxid: Int64) {
        engine.durable(upTo: zxid)
        carryOut()
    }

    /// The peer takes all that waits for it.
    func drain(_ id: ConnectionID) {
        deaf.remove(id)
        engine.written(id, unsent: 0)
        carryOut()
    }

    func carryOut() {
        engine.settle(at: engine.turnStart + turnTime)
        while true {
            let actions = engine.takeActions()
            if actions.isEmpty { return }
            for action in actions { carryOut(action) }
        }
    }

    private func carryOut(_ action: ServerAction) {
        log.append(action)
        switch action {
        case .report, .warn: break
        case .note(let id, let reason): notes.append((id, reason))
        case .send(let id, let bytes):
            received[id, default: []] += bytes
        case .flush(let id):
            if !deaf.contains(id) { engine.written(id, unsent: 0) }
        case .finish where slowEnds: break
        case .finish(let id, let reason), .close(let id, let reason):
            ended.insert(id)
            reasons[id] = reason
            engine.closed(id)
        case .resume(let id): _ = offer(pending.removeValue(forKey: id) ?? [], id)
        }
    }

    // MARK: What a client does

    /// What came since the last call, as raw bytes.
    @discardableResult
    func takeBytes(_ id: ConnectionID) -> [UInt8] { received.removeValue(forKey: id) ?? [] }

    /// What came since the last call, cut into frames.
    func takeFrames(_ id: ConnectionID) -> [[UInt8]] {
        var decoder = FrameDecoder(frameBytesMax: 1 << 30)
        decoder.append(takeBytes(id).span)
        var frames: [[UInt8]] = []
        while (try? decoder.next()) == true {
            let frame = decoder.frame
            frames.append(frame.indices.map { frame[$0] })
        }
        return frames
    }

    /// What came since the last call: replies and events.
    func take(_ id: ConnectionID) -> [Message] { takeFrames(id).map(Message.init) }

    @discardableResult
    func request(_ request: Request, xid: Int32 = 1, on id: ConnectionID) -> Intake {
        send(Self.frame(request, xid: xid), on: id)
    }

    /// One request, and the one message that comes back.
    func ask(_ request: Request, on id: ConnectionID) -> Message? {
        self.request(request, on: id)
        return take(id).last
    }

    static func frame(_ request: Request, xid: Int32 = 1) -> [UInt8] {
        var writer = ByteWriter()
        FrameWriter.append(request, xid: xid, to: &writer)
        return writer.bytes
    }

    static func frame(_ record: some Record) -> [UInt8] {
        var writer = ByteWriter()
        FrameWriter.append(record, to: &writer)
        return writer.bytes
    }

    /// A new connection with what came back to its handshake.
    func connect(
        _ request: ConnectRequest = ConnectRequest(timeoutMilliseconds: 4_000)
    )
        -> (id: ConnectionID, response: ConnectResponse?)
    {
        guard let id = open() else { return (ConnectionID(0), nil) }
        send(Self.frame(request), on: id)
        return (id, takeFrames(id).first.flatMap(Self.response))
    }

    static func response(_ frame: [UInt8]) -> ConnectResponse? {
        var reader = ByteReader(frame.span)
        return try? ConnectResponse(from: &reader)
    }

    /// A connection with a session.
    func client() -> ConnectionID { connect().id }

    func create(_ path: String, _ mode: CreateMode = .persistent) -> Request {
        .create(CreateRequest(path: path, data: [], mode: mode))
    }

    // MARK: What the engine knows

    var nextDeadline: Instant? { engine.nextDeadline }
    var statistics: Statistics { engine.statistics }
    var nodeCount: Int { engine.tree.nodeCount }
    var reaperDeadline: Instant? { engine.reaperDeadline }
    var lastZxid: Int64 { engine.tree.lastZxid }
    var sessionCount: Int { engine.tree.sessionCount }
    var watchCount: Int { engine.tree.watchCount }
    var connectionCount: Int { engine.connections.count }
    var heldCount: Int { engine.gate.heldCount }
    var latencyMax: Int64 { Int64(engine.statistics.latency.max) }
    var stalls: Int { engine.statistics.stalls }
    var unsentTotal: Int { engine.unsentTotal }

    var facts: [SessionFact] {
        log.compactMap { if case .report(let fact) = $0 { fact } else { nil } }
    }
}

/// A reply or an event as a client reads it.
struct Message: Equatable {
    var xid: Int32
    var zxid: Int64
    var error: ErrorCode
    var body: [UInt8]

    init(_ frame: [UInt8]) {
        var reader = ByteReader(frame.span)
        guard let header = try? ReplyHeader(from: &reader) else {
            (xid, zxid, error, body) = (.min, .min, .systemError, frame)
            return
        }
        (xid, zxid, error) = (header.xid, header.zxid, header.error)
        body = Array(frame.dropFirst(reader.offset))
    }

    func response(_ opCode: OpCode) -> Response? {
        var reader = ByteReader(body.span)
        return try? Response.decode(opCode, from: &reader)
    }

    var event: WatchEvent? {
        var reader = ByteReader(body.span)
        return xid == XID.event ? try? WatchEvent(from: &reader) : nil
    }

    /// `nodeCreated /a` for an event, `reply 7` for the reply to the request of that xid.
    var text: String { event.map { "\($0.type) \($0.path)" } ?? "reply \(xid)" }
}
