import Runtime
import ServiceModel
import Storage
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
        /// The digest that makes a connection the superuser's; nil for none.
        var superDigest: String?
        /// Bytes of events that may wait for a reader that takes nothing.
        var unsentEventBytesMax = Limits.unsentEventBytesMax
        /// How often the engine wakes while there are sessions.
        var heartbeat: Duration
        /// Hard limits of quotas refuse changes.
        var enforceQuota = false
        /// Longest record of the log; with room for less than two, changes are refused.
        var recordBytesMax = LogWriter.payloadBytesMax(segmentBytes: Limits.segmentBytes)
        /// How often containers and TTL nodes are looked at.
        var reaperInterval = Limits.reaperInterval
        /// Where it listens, for the word `conf`.
        var port: UInt16 = 0
        /// Which four-letter words are answered.
        var words = WordPolicy.allOnLoopback
        /// What the word `envi` says of the machine.
        var process = ProcessFacts()
        /// Asked by the word `mntr`; nil where nobody can tell.
        var descriptors: @Sendable () -> DescriptorCount? = { nil }
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
    /// Counts until the last `srst`.
    var earlier = (received: 0, sent: 0, expired: 0, quotaExcesses: 0, reaped: 0)
    /// Bytes produced and not written yet, of all connections, without those that they share.
    var unsentTotal = 0
    /// Those that they share.
    var sharedNames = SharedNames()
    /// Bytes that came and were not used yet, of all connections.
    var inboundTotal = 0
    /// What was done so far, in the units of `Limits.workPerSliceMax`.
    var work = 0
    /// Work of one connection before the others get their turn.
    var workPerSlice = Limits.workPerSliceMin
    /// Connections whose big answers wait for room, oldest first.
    var cramped: [ConnectionID] = []
    /// When to look for readers that are in the way of `cramped`.
    var nextRelief: Instant?
    /// Connections that end once their last answer is read, oldest first, until that takes too long.
    var finishings: [(deadline: Instant, id: ConnectionID)] = []
    var notes: [(id: ConnectionID, reason: ClosingReason)] = []
    var logBytes = LogBytes()
    /// The disk has no room for more of the log.
    var hasNoRoom = false
    /// Connections whose requests wait for the disk.
    var waitingForLog: [ConnectionID] = []

    private var nextConnection: UInt64 = 1
    var nextSession: Int64
    /// Connections that opened, oldest first, until their time for a handshake is over.
    var openings: [(deadline: Instant, id: ConnectionID)] = []
    var firstOpening = 0
    var facts: [SessionFact] = []
    var warnings: [String] = []
    var quotaWarnings = QuotaWarnings()
    /// When the reaper looks next.
    var nextReap = Instant(nanoseconds: .min)
    var dirty: [Connection] = []
    /// Where answers are encoded, one after the other.
    var scratch = ByteWriter()
    var resumable: [ConnectionID] = []

    /// By how much the clock of the sessions lags behind: the sum of all stalls.
    var lag = Duration.zero
    var graceUntil = Instant(nanoseconds: .min)
    /// Lateness up to here is in `lag` already.
    var stallSeenUntil = Instant(nanoseconds: .min)
    var nextHeartbeat: Instant?
    /// As the word `stmk` left it; nothing is traced by it, as in a ZooKeeper that logs no traces.
    var traceMask = FourLetterWord.traceMask
    /// When the registry was made; nil until its first turn.
    var startedAt: Instant?
    /// When this turn and the one before it began.
    var turns: (this: Instant, before: Instant)?

    /// - Parameters:
    ///   - settings: Bounds and timeouts.
    ///   - durability: When changes become durable.
    ///   - tree: As it is to begin with, all of it durable.
    ///   - firstSession: The first session gets this id; above all that were given before.
    ///   - passwords: With the server's secret.
    init(
        settings: Settings,
        durability: Durability = .inMemory,
        tree: consuming ZNodeTree,
        firstSession: Int64,
        passwords: SessionPasswords
    ) {
        (self.settings, self.durability, self.passwords) = (settings, durability, passwords)
        gate = DurabilityGate(durable: tree.lastZxid)
        self.tree = tree
        self.tree.enforcesQuotas = settings.enforceQuota
        nextSession = firstSession
    }

    /// With an empty tree, the first change of which gets the zxid after `firstZxid`.
    init(
        settings: Settings,
        durability: Durability = .inMemory,
        firstZxid: Int64,
        firstSession: Int64,
        passwords: SessionPasswords
    ) {
        self.init(
            settings: settings,
            durability: durability,
            tree: ZNodeTree(zxid: firstZxid),
            firstSession: firstSession,
            passwords: passwords
        )
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
                statistics.refusals += 1
                let text = "all \(settings.connectionsMax) connections are taken"
                return .failure(ConnectionRefusal(text: text))
            }
            let count = countOf[ip, default: 0]
            let limit = settings.connectionsPerAddressMax
            guard ip.isLoopback || limit == 0 || count < limit else {
                statistics.refusals += 1
                let text = "it has \(count) connections, the limit of one address"
                return .failure(ConnectionRefusal(text: text))
            }
            countOf[ip] = count + 1
        }
        let id = ConnectionID(nextConnection)
        nextConnection += 1
        connections[id] = Connection(id: id, peer: peer, now: now)
        openings.append((now + Limits.handshakeWaitMax, id))
        return .success(id)
    }

    /// Bytes arrived; they stay with the caller except for those consumed.
    ///
    /// - Complexity: O(bytes), bounded by a slice of work and the longest request there is.
    mutating func received(
        _ bytes: Span<UInt8>,
        on id: ConnectionID,
        at moment: Moment
    ) -> Intake {
        guard let connection = connections[id] else {
            return Intake(consumed: bytes.count, next: .never)
        }
        begin(turnAt: moment.now)
        let start = work
        var intake = take(bytes, connection, at: moment)
        intake.work = work - start
        keep(bytes.count - intake.consumed, of: connection, after: intake)
        return intake
    }

    private mutating func take(
        _ bytes: Span<UInt8>,
        _ connection: Connection,
        at moment: Moment
    ) -> Intake {
        let sliceEnd = work + workPerSlice
        var (consumed, requests) = (0, 0)
        var next = Intake.Next.moreBytes
        loop: while true {
            switch connection.phase {
            case .finishing, .broken: return Intake(consumed: bytes.count, next: .never)
            case .opening, .serving, .answering: break
            }
            guard admits(connection) else {
                next = .wait
                break
            }
            if connection.phase == .answering {
                return Intake(consumed: bytes.count, next: goOnAnswering(connection))
            }
            guard work < sliceEnd else {
                next = .anotherTurn
                break
            }
            switch cut(bytes.extracting(consumed...), connection) {
            case .none: break loop
            case .broken: continue
            case .word(let word):
                answer(word, bytes.extracting(4...), on: connection, at: moment)
                return Intake(consumed: bytes.count, next: goOnAnswering(connection))
            case .frame(let length):
                let start = consumed + ZooKeeperProtocol.Limits.frameLengthBytes
                let frame = bytes.extracting(start..<start + length)
                guard hasRoom(forAnswerTo: frame, connection) else {
                    next = .wait
                    break loop
                }
                if case .serving(let session) = connection.phase, beginsCatchUp(frame, connection) {
                    guard catchUp(frame, connection, session, at: moment) else { continue }
                    countReceived(bytes: frame.count + lengthBytes, on: connection)
                    (consumed, requests) = (start + length, requests + 1)
                    continue
                }
                consumed = start + length
                requests += 1
                // Before it is carried out: it counts also when it ends the connection.
                if requests == 1, let session = connection.session {
                    tree.touchSession(session, now: moment.now - lag)
                }
                work += 1 + length / Limits.bytesPerWorkUnit
                handle(frame, connection, at: moment)
            }
        }
        return Intake(consumed: consumed, next: next)
    }

    /// The shell wrote bytes; `unsent` of what it was given are left.
    ///
    /// A peer whose requests wait for it to read is alive while it reads: its pings wait too.
    mutating func written(_ id: ConnectionID, unsent: Int) {
        guard let connection = connections[id] else { return }
        if unsent < connection.unsent {
            connection.backlogSince?.taken = turnStart
            connection.hasProgressed = connection.hasProgressed || connection.isPaused
            if connection.isPaused, let session = connection.session {
                tree.touchSession(session, now: turnStart - lag)
            }
        }
        settle(connection, unsent: unsent)
        if connection.backlog == 0 { (connection.eventBytes, connection.backlogSince) = (0, nil) }
        resumeIfPossible(connection)
        resumeCramped()
    }

    /// The connection is gone, by whoever's doing; its session lives on until its deadline.
    mutating func closed(_ id: ConnectionID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        if let session = connection.session {
            connectionOf[session] = nil
            report(session, .connectionLost, zxid: tree.lastZxid)
        }
        tree.removeWatches(of: id)
        gate.forget(connection)
        forgetOutput(of: connection)
        inboundTotal -= connection.inbound
        connection.inbound = 0
        resumeCramped()
        if let ip = connection.peer?.ip, let count = countOf[ip] {
            countOf[ip] = count > 1 ? count - 1 : nil
        }
    }

    /// Changes up to `zxid` survive a crash.
    ///
    /// Told by the shell at a turn of its own, or by the engine itself when nothing is written to disk.
    mutating func durable(upTo zxid: Int64) {
        for (connection, released) in gate.advance(to: zxid) {
            for (asked, count) in released.asked {
                guard asked.since != turnStart else {
                    statistics.answered(asked, count: count)
                    connection.statistics.answered(count: count)
                    continue
                }
                let waited = Int(max(0, (turnStart - asked.since).milliseconds))
                statistics.waited(asked, milliseconds: waited, count: count)
                connection.statistics.waited(milliseconds: waited, count: count, now: turnStart)
            }
            for (frame, count) in released.frames { append(frame, frames: count, to: connection) }
            resumeIfPossible(connection)
        }
        resumeWaitingForLog()
    }

    private mutating func admits(_ connection: Connection) -> Bool {
        let isUnread = connection.backlog >= Limits.unsentBytesHigh
        if isUnread, !connection.isNoted {
            connection.isNoted = true
            let text = "its requests wait, \(connection.backlog) bytes are not read yet"
            notes.append((connection.id, ClosingReason(.heldBack, text)))
        }
        let isBehind = isLogBehind || connection.held.count >= Limits.heldAnswersMax
        if isBehind, !connection.isAwaitingLog { waitingForLog.append(connection.id) }
        connection.isAwaitingLog = connection.isAwaitingLog || isBehind
        connection.isPaused = isUnread || isBehind
        return !connection.isPaused
    }

    mutating func resumeIfPossible(_ connection: Connection) {
        guard connection.isPaused, connection.backlog <= Limits.unsentBytesLow,
            connection.held.count < Limits.heldAnswersMax
        else { return }
        connection.isPaused = false
        resumable.append(connection.id)
    }

    private enum Cut {
        case none
        case broken
        case word(FourLetterWord)
        case frame(Int)
    }

    /// What the bytes start with.
    private mutating func cut(_ bytes: Span<UInt8>, _ connection: Connection) -> Cut {
        if connection.phase == .opening, bytes.count >= 4 {
            let word = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
            if let known = FourLetterWord(number: word) { return .word(known) }
        }
        do throws(WireError) {
            guard let length = try FrameDecoder.frameLength(in: bytes, settings.requestBytesMax)
            else { return .none }
            return .frame(length)
        } catch {
            let text =
                "frame: \(error), at most \(settings.requestBytesMax) (registry.maxRequestBytes)"
            breakOff(connection, because: ClosingReason(.frame, text))
            return .broken
        }
    }

    private mutating func handle(
        _ frame: Span<UInt8>,
        _ connection: Connection,
        at moment: Moment
    ) {
        countReceived(bytes: frame.count + lengthBytes, on: connection)
        switch connection.phase {
        case .opening: handshake(frame, connection, at: moment)
        case .serving(let session): serve(frame, connection, session, at: moment)
        case .answering, .finishing, .broken: break
        }
        if durability == .inMemory { durable(upTo: tree.lastZxid) }
    }

    private var lengthBytes: Int { ZooKeeperProtocol.Limits.frameLengthBytes }

    /// A frame or a four-letter word came, of so many bytes with its length field.
    mutating func countReceived(bytes: Int, on connection: Connection) {
        statistics.received += 1
        connection.statistics.received += 1
        statistics.bytesReceived += bytes
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
