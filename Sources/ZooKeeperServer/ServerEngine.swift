import Runtime
import ServiceModel
import Wire
import ZNodeTree
import ZooKeeperProtocol

/// The registry without its sockets: bytes of many connections in, bytes and decisions out.
///
/// Step of the data flow: between the shell, which owns sockets and clocks, and the tree. The shell calls
/// `opened`, `received`, `written`, `closed` and `wake`, and carries out `takeActions()` at the end of each
/// turn. Invariants: replies of a connection leave in the order of its requests; an event leaves before any
/// reply that shows its change, and neither before the change is durable; a session has at most one
/// connection; nobody expires before its deadline, nor while the process has just come back from a stall.
/// Owner: the actor `RegistryServer`, on its event loop.
struct ServerEngine: ~Copyable {
    struct Settings {
        var timeouts: ClosedRange<Duration>
        var tickTime: Duration
        var requestBytesMax: Int
        var connectionsMax: Int
        var connectionsPerAddressMax: Int
        /// Bytes of events that may wait for a reader that takes nothing.
        var unsentEventBytesMax = Limits.unsentEventBytesMax
        /// How often the engine wakes while there are sessions.
        var heartbeat: Duration
        /// Where it listens, for the word `conf`.
        var port: UInt16 = 0
    }
    /// When changes become durable.
    enum Durability {
        /// At once: nothing survives the process.
        case inMemory
        /// When `durable(upTo:)` says so.
        case external
    }

    var settings: Settings
    let durability: Durability
    let passwords: SessionPasswords
    var tree: ZNodeTree
    var gate: DurabilityGate
    var connections: [ConnectionID: Connection] = [:]
    /// The connection of each session that has one.
    var connectionOf: [Int64: ConnectionID] = [:]
    var countOf: [IPAddress: Int] = [:]
    var statistics = Statistics()
    /// Bytes produced and not written yet, of all connections.
    var unsentTotal = 0

    private var nextConnection: UInt64 = 1
    private var nextSession: Int64
    /// Connections that opened, oldest first, until their time for a handshake is over.
    private var openings: [(deadline: Instant, id: ConnectionID)] = []
    private var firstOpening = 0
    var facts: [SessionFact] = []
    private var dirty: [Connection] = []
    private var resumable: [ConnectionID] = []

    /// By how much the clock of the sessions lags behind: the sum of all stalls.
    private var lag = Duration.zero
    private var graceUntil = Instant(nanoseconds: .min)
    private var nextHeartbeat: Instant?

    /// - Parameters:
    ///   - settings: Bounds and timeouts.
    ///   - durability: When changes become durable.
    ///   - firstZxid: The first change gets the next one.
    ///   - firstSession: The first session gets this id; above all that were given before.
    ///   - passwords: With the server's secret.
    init(
        settings: Settings,
        durability: Durability = .inMemory,
        firstZxid: Int64,
        firstSession: Int64,
        passwords: SessionPasswords
    ) {
        (self.settings, self.durability, self.passwords) = (settings, durability, passwords)
        tree = ZNodeTree(zxid: firstZxid)
        gate = DurabilityGate(durable: firstZxid)
        nextSession = firstSession
    }

    /// Ids as ZooKeeper makes them: the time in the middle, a counter below, a top byte of 0.
    static func firstSession(at time: UnixTime) -> Int64 {
        (time.milliseconds & 0xff_ffff_ffff) << 16 | 1
    }
}

// MARK: Connections

extension ServerEngine {
    /// A connection was accepted or handed in.
    ///
    /// - Returns: Its id, or why it is refused.
    mutating func opened(
        from peer: SocketAddress?,
        now: Instant
    ) -> Result<ConnectionID, ConnectionRefusal> {
        if let ip = peer?.ip {
            guard connections.count < settings.connectionsMax else {
                return .failure(
                    ConnectionRefusal(text: "\(connections.count) connections are open")
                )
            }
            let count = countOf[ip, default: 0]
            guard ip.isLoopback || count < settings.connectionsPerAddressMax else {
                return .failure(ConnectionRefusal(text: "\(count) connections of one address"))
            }
            countOf[ip] = count + 1
        }
        let id = ConnectionID(nextConnection)
        nextConnection += 1
        connections[id] = Connection(id: id, peer: peer)
        openings.append((now + Limits.handshakeWaitMax, id))
        return .success(id)
    }

    /// Bytes arrived; they stay with the caller except for those consumed.
    ///
    /// - Complexity: O(bytes), bounded by `Limits.requestsPerTurnMax` requests.
    mutating func received(
        _ bytes: Span<UInt8>,
        on id: ConnectionID,
        at moment: Moment
    ) -> Intake {
        guard let connection = connections[id] else {
            return Intake(consumed: bytes.count, next: .never)
        }
        var (consumed, requests) = (0, 0)
        var next = Intake.Next.moreBytes
        loop: while true {
            switch connection.phase {
            case .finishing, .broken: return Intake(consumed: bytes.count, next: .never)
            case .opening, .serving: break
            }
            guard admits(connection) else {
                next = .wait
                break
            }
            guard requests < Limits.requestsPerTurnMax else {
                next = .anotherTurn
                break
            }
            switch cut(bytes.extracting(consumed...), connection) {
            case .none: break loop
            case .broken: continue
            case .word(let word):
                finish(connection, with: Array(answer(to: word, on: connection).utf8))
                return Intake(consumed: bytes.count, next: .never)
            case .frame(let length):
                let start = consumed + ZooKeeperProtocol.Limits.frameLengthBytes
                consumed = start + length
                requests += 1
                handle(bytes.extracting(start..<consumed), connection, at: moment)
            }
        }
        if requests > 0, let session = connection.session {
            tree.touchSession(session, now: moment.now - lag)
        }
        return Intake(consumed: consumed, next: next)
    }

    /// The shell wrote bytes; `unsent` of what it was given are left.
    mutating func written(_ id: ConnectionID, unsent: Int) {
        guard let connection = connections[id] else { return }
        unsentTotal += unsent - connection.unsent
        connection.unsent = unsent
        if connection.backlog == 0 { connection.eventBytes = 0 }
        resumeIfPossible(connection)
    }

    /// The connection is gone, by whoever's doing; its session lives on until its deadline.
    mutating func closed(_ id: ConnectionID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        if let session = connection.session {
            connectionOf[session] = nil
            report(session, .connectionLost, zxid: tree.lastZxid)
        }
        tree.removeWatches(of: id)
        gate.forget(id)
        unsentTotal -= connection.backlog
        if let ip = connection.peer?.ip, let count = countOf[ip] {
            countOf[ip] = count > 1 ? count - 1 : nil
        }
    }

    /// Changes up to `zxid` survive a crash.
    mutating func durable(upTo zxid: Int64) {
        for release in gate.advance(to: zxid) {
            guard let connection = connections[release.connection] else { continue }
            append(release.bytes, frames: release.frames, to: connection)
            resumeIfPossible(connection)
        }
    }

    private func admits(_ connection: Connection) -> Bool {
        connection.isPaused =
            connection.backlog >= Limits.unsentBytesHigh
            || gate.heldCount(of: connection.id) >= Limits.heldAnswersMax
        return !connection.isPaused
    }

    private mutating func resumeIfPossible(_ connection: Connection) {
        guard connection.isPaused, connection.backlog <= Limits.unsentBytesLow,
            gate.heldCount(of: connection.id) < Limits.heldAnswersMax
        else { return }
        connection.isPaused = false
        resumable.append(connection.id)
    }

    private enum Cut {
        case none
        case broken
        case word(UInt32)
        case frame(Int)
    }

    /// What the bytes start with.
    private mutating func cut(_ bytes: Span<UInt8>, _ connection: Connection) -> Cut {
        if connection.phase == .opening, bytes.count >= 4 {
            let word = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
            if FourLetterWord(number: word) != nil { return .word(word) }
        }
        do throws(WireError) {
            guard let length = try FrameDecoder.frameLength(in: bytes, settings.requestBytesMax)
            else { return .none }
            return .frame(length)
        } catch {
            breakOff(connection, because: "frame: \(error)")
            return .broken
        }
    }

    private mutating func handle(
        _ frame: Span<UInt8>,
        _ connection: Connection,
        at moment: Moment
    ) {
        statistics.received += 1
        connection.received += 1
        switch connection.phase {
        case .opening: handshake(frame, connection, at: moment)
        case .serving(let session): serve(frame, connection, session, at: moment)
        case .finishing, .broken: break
        }
        if durability == .inMemory { durable(upTo: tree.lastZxid) }
    }
}

/// The two clocks, as the shell read them for this turn.
struct Moment {
    var now: Instant
    var time: UnixTime
}

/// Why a connection is not taken.
struct ConnectionRefusal: Error, Equatable {
    var text: String
}

// MARK: Sessions

extension ServerEngine {
    mutating func newSessionID() -> Int64 {
        while true {
            let id = nextSession
            // The top bit and the top byte 0xff mean something else in stored owners; 0 is no session.
            nextSession = nextSession >= Int64.max >> 8 ? 1 : nextSession + 1
            if !tree.hasSession(id) { return id }
        }
    }

    mutating func createSession(_ id: Int64, timeout: Duration, now: Instant) -> Int64? {
        if nextHeartbeat == nil { nextHeartbeat = now + settings.heartbeat }
        return tree.createSession(id, timeout: timeout, now: now - lag)
    }

    mutating func resumeSession(_ id: Int64, timeout: Duration, now: Instant) -> Bool {
        tree.resumeSession(id, timeout: timeout, now: now - lag)
    }

    mutating func report(_ session: Int64, _ kind: SessionFact.Kind, zxid: Int64) {
        facts.append(SessionFact(session: session, kind: kind, zxid: zxid))
    }

    /// When `wake` has to be called, if nothing else happens; nil while there is nothing to wait for.
    var nextDeadline: Instant? {
        var deadlines: [Instant] = []
        if let session = tree.nextDeadline {
            deadlines.append(max(session + lag, graceUntil))
            if let nextHeartbeat { deadlines.append(nextHeartbeat) }
        }
        if firstOpening < openings.count { deadlines.append(openings[firstOpening].deadline) }
        return deadlines.min()
    }

    /// The moment that `nextDeadline` asked for has come; everything readable was offered before.
    ///
    /// A wake-up that is late by more than a busy loop explains means that the process stood still, and
    /// that its clients could not be heard: the gap is added to all deadlines, and nobody expires before the
    /// sockets were looked at again.
    ///
    /// - Parameters:
    ///   - moment: The clocks.
    ///   - due: What `nextDeadline` was when the timer was set.
    mutating func wake(at moment: Moment, due: Instant) {
        let now = moment.now
        nextHeartbeat = tree.sessionCount > 0 ? now + settings.heartbeat : nil
        if now - due >= Limits.stallMin {
            lag += now - due
            graceUntil = now + Limits.stallGrace
            statistics.stalls += 1
        }
        endHandshakes(now)
        guard now >= graceUntil else { return }
        for _ in 0..<Limits.expiriesPerTurnMax {
            guard let (session, outcome) = tree.expireNext(now: now - lag) else { return }
            statistics.expired += 1
            report(session, .expired, zxid: outcome.zxid)
            deliver(outcome.hits, needing: outcome.zxid)
            if durability == .inMemory { durable(upTo: tree.lastZxid) }
            guard let id = connectionOf.removeValue(forKey: session),
                let connection = connections[id]
            else { continue }
            connection.phase = .broken
            breakOff(connection, because: nil)
        }
    }

    private mutating func endHandshakes(_ now: Instant) {
        while firstOpening < openings.count, openings[firstOpening].deadline <= now {
            let id = openings[firstOpening].id
            firstOpening += 1
            guard let connection = connections[id], connection.phase == .opening else { continue }
            let seconds = Limits.handshakeWaitMax.milliseconds / 1_000
            breakOff(connection, because: "no session within \(seconds) s")
        }
        if firstOpening > openings.count / 2 {
            openings.removeFirst(firstOpening)
            firstOpening = 0
        }
    }
}

// MARK: Output

extension ServerEngine {
    /// Queues a frame for a connection, through the gate.
    mutating func pass(_ bytes: [UInt8], to connection: Connection, needing zxid: Int64) {
        guard gate.isOpen(for: connection.id, needing: zxid) else {
            gate.hold(bytes, for: connection.id, needing: zxid)
            return
        }
        append(bytes, frames: 1, to: connection)
    }

    /// Queues events; each is encoded once, however many get it.
    mutating func deliver(_ hits: [WatchHit], needing zxid: Int64) {
        for hit in hits {
            var writer = ByteWriter(capacity: hit.event.path.utf8.count + 40)
            FrameWriter.append(hit.event, to: &writer)
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
                actions.append(.finish(connection.id))
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

    private mutating func append(_ bytes: [UInt8], frames: Int, to connection: Connection) {
        connection.out.writeBytes(bytes)
        connection.sent += frames
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
