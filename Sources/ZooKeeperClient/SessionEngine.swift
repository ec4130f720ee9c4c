internal import ServiceModel
internal import Wire
internal import ZooKeeperProtocol

/// A session as a value: connections, bytes, requests and the clock come in, what to do goes out.
///
/// Step of the data flow: between the shell's socket and the users of the session. Deviations from the Java
/// client: a request without a connection waits until one round over the servers has failed, then ends
/// as `.notSent`; watches are not carried over into a new session. Invariants: replies are matched in the
/// order of requests, and any other order ends the connection; each submitted request gets exactly one
/// reply event; at most one attempt or connection exists, named by `attempt`, and inputs of earlier ones
/// are ignored; a look-up that hangs holds up its own server alone. Owner: the actor `ZooKeeperSession`.
struct SessionEngine {
    /// What the engine knows of the configuration; making connections is the shell's.
    struct Setup {
        /// What each server is called in messages; at least one.
        var servers = ["server"]
        var sessionTimeout = Duration.seconds(30)
        var chroot = ""
        var credentials: [SessionConfiguration.Credential] = []
        var identity: SessionIdentity?
        var allowsReadOnly = false
        /// Servers are named: each attempt and each probe begins with a look-up.
        var looksUpNames = false
        var requestBytesMax = ZooKeeperProtocol.Limits.frameBytesMax
    }
    /// What the shell has to do about connections, before it writes `Output.bytes`.
    enum Command: Equatable {
        /// Look the server's name up, say so with `lookedUp`, and keep the addresses for what follows.
        case lookUp(server: Int)
        /// Connect to the addresses that the last look-up found.
        case connect(attempt: UInt64, server: Int)
        case disconnect
        /// Ask `isro` on a connection beside the session's, and say with `probeEnded` what came of it.
        case probe(UInt64, server: Int)
        /// Let go of the probe.
        case endProbe
    }
    enum Event: Equatable {
        case state(SessionState)
        case watch(WatchEvent)
        case reply(Origin, Result<Response, ZooKeeperError>, zxid: Int64)
    }
    struct Output {
        var commands: [Command] = []
        var bytes: [UInt8] = []
        var events: [Event] = []
        /// Sentences for the log.
        var notes: [String] = []
        var isEmpty: Bool {
            commands.isEmpty && bytes.isEmpty && events.isEmpty && notes.isEmpty
        }
    }
    enum Phase: Equatable {
        case idle
        case pausing(until: Instant)
        case resolving(deadline: Instant)
        case dialing(deadline: Instant)
        case handshaking(deadline: Instant)
        case connected
        case closing(deadline: Instant)
        case closed
    }

    let setup: Setup
    let chroot: Chroot
    var phase = Phase.idle
    var attempt: UInt64 = 0
    var plan: ReconnectPlan
    var lookUps = LookUpTable()
    var random: UInt64
    /// The session at the server; nil before the first one and after an expiry.
    var identity: SessionIdentity?
    /// The session was made by a server that only reads, and no other knows it.
    var isProvisional = false
    /// The server of the connection only reads.
    var isReadOnly = false
    var search = WritableSearch()
    /// The server that takes writes and was found, and when the session moves there at the latest.
    var move: (server: Int, deadline: Instant)?
    /// The timeout that the server granted.
    var timeout: Duration
    var lastZxid: Int64 = 0
    var connectedAt = Instant(nanoseconds: 0)
    var lastReceived = Instant(nanoseconds: 0)
    var lastSent = Instant(nanoseconds: 0)
    /// When the first bytes went out to which nothing has come back yet; nil when none are out.
    var unansweredSince: Instant?
    var nextXID: Int32 = 1
    var decoder = FrameDecoder(frameBytesMax: Limits.replyBytesMax)
    var scratch = ByteWriter()
    var inFlight = PendingRequests()
    /// Requests that wait for a connection, with their frames.
    var waiting = PendingRequests()
    var waitingFrames: [[UInt8]] = []
    var watches = WatchTable()
    /// A server did not know how to set persistent watches again.
    var hasRefusedWatches = false
    var credentials: CredentialTable
    /// What successful removals took back, until the call of that number ends.
    var removals: [UInt64: Set<WatchKind>] = [:]
    var hasWarnedOfChildList = false
    var output = Output()

    /// Creates an engine that does nothing until `start`.
    ///
    /// - Parameters:
    ///   - setup: What is asked of the servers.
    ///   - seed: Decides the first server and the jitter of pauses.
    init(_ setup: Setup, seed: UInt64) {
        self.setup = setup
        chroot = Chroot(setup.chroot)
        identity = setup.identity
        credentials = CredentialTable(setup.credentials)
        timeout = setup.sessionTimeout
        random = seed
        plan = ReconnectPlan(
            serverCount: setup.servers.count,
            first: Int(seed % UInt64(setup.servers.count))
        )
    }

    /// Everything to be done since the last call.
    mutating func takeOutput() -> Output {
        var taken = Output()
        swap(&taken, &output)
        return taken
    }

    /// When `timerFired` is wanted next.
    var deadline: Instant? {
        switch phase {
        case .idle, .closed: nil
        case .pausing(let until): until
        case .resolving(let deadline), .dialing(let deadline), .handshaking(let deadline),
            .closing(let deadline):
            deadline
        case .connected:
            [silenceEnd, search.deadline, move?.deadline].reduce(lastSent + pingInterval) {
                min($0, $1 ?? $0)
            }
        }
    }

    /// The server of the attempt or connection, as it is called in messages.
    var server: String { setup.servers[plan.next] }

    /// Idle connections ping at a third of the timeout.
    var pingInterval: Duration { min(timeout / 3, Limits.pingIntervalMax) }
    /// A server that is silent for two thirds of the timeout is given up: a third is left for others.
    var silenceMax: Duration { timeout * 2 / 3 }

    /// When the server is given up.
    ///
    /// After a stall of our own it gets the time to answer a ping first.
    private var silenceEnd: Instant? {
        unansweredSince.map { max(lastReceived + silenceMax, $0 + pingInterval) }
    }

    /// How long one server is waited for, to be connected and then to accept the session.
    var attemptTimeout: Duration {
        let share = setup.sessionTimeout / setup.servers.count
        return min(max(share, Limits.attemptTimeoutMin), Limits.attemptTimeoutMax)
    }

    /// How long the other servers wait while a name is looked up.
    var lookUpTimeout: Duration { min(attemptTimeout / 2, Limits.lookUpWaitMax) }

    // MARK: Inputs about the connection

    /// Begins to connect.
    mutating func start(now: Instant) {
        guard phase == .idle else { return }
        output.events.append(.state(.connecting))
        dial(now)
    }

    /// The shell has the connection it was told to make.
    mutating func connectionOpened(attempt: UInt64, now: Instant) {
        guard attempt == self.attempt, case .dialing = phase else { return }
        phase = .handshaking(deadline: now + attemptTimeout)
        decoder = FrameDecoder(frameBytesMax: Limits.replyBytesMax)
        let wanted = setup.sessionTimeout.milliseconds
        let range = Limits.sessionTimeoutMilliseconds
        let milliseconds = Int32(min(max(wanted, range.lowerBound), range.upperBound))
        var request = ConnectRequest(timeoutMilliseconds: milliseconds)
        request.lastZxidSeen = lastZxid
        request.readOnly = setup.allowsReadOnly
        if let identity, !isProvisional {
            (request.sessionID, request.password) = (identity.sessionID, identity.password)
        }
        write(now) { FrameWriter.append(request, to: &$0) }
    }

    /// The connection or the attempt failed; the shell has let go of it.
    ///
    /// - Parameters:
    ///   - attempt: Its number.
    ///   - reason: For the log, and for what waited for a connection.
    ///   - now: The moment of the failure.
    mutating func connectionLost(attempt: UInt64, reason: String, now: Instant) {
        guard attempt == self.attempt else { return }
        switch phase {
        case .idle, .pausing, .resolving, .closed: break
        case .closing: finishClose(.closed)
        case .dialing, .handshaking:
            note("no session with \(server): \(reason)")
            attemptFailed(reason, now)
        case .connected: lose(reason, now)
        }
    }

    /// The deadline, or some other moment, has come.
    mutating func timerFired(now: Instant) {
        switch phase {
        case .idle, .closed: break
        case .pausing(let until): if now >= until { dial(now) }
        case .resolving(let deadline): if now >= deadline { lookUpsAreLate(now) }
        case .dialing(let deadline), .handshaking(let deadline):
            guard now >= deadline else { return }
            output.commands.append(.disconnect)
            let reason = "no session within \(attemptTimeout)"
            note("\(server): \(reason)")
            attemptFailed(reason, now)
        case .closing(let deadline):
            guard now >= deadline else { return }
            output.commands.append(.disconnect)
            finishClose(.closed)
        case .connected:
            if let silenceEnd, now >= silenceEnd {
                disconnect("silent for \(silenceMax)", now)
            } else if now >= lastSent + pingInterval {
                write(now) { FrameWriter.append(.ping, xid: XID.ping, to: &$0) }
            }
            if phase == .connected { searchTimerFired(now) }
        }
    }

    /// Ends the session: says so to the server when there is a connection, and is done when it answered.
    mutating func close(now: Instant) {
        switch phase {
        case .closing, .closed: break
        case .idle, .pausing, .resolving: finishClose(.closed)
        case .dialing, .handshaking:
            output.commands.append(.disconnect)
            finishClose(.closed)
        case .connected:
            endSearch()
            phase = .closing(deadline: now + min(Limits.closeWaitMax, timeout))
            let xid = takeXID()
            write(now) { FrameWriter.append(.closeSession, xid: xid, to: &$0) }
            inFlight.append(
                PendingRequest(
                    xid: xid,
                    origin: .sink(tag: 0),
                    opCode: .closeSession,
                    path: "",
                    byteCount: 0,
                    registration: nil
                )
            )
        }
    }
}
