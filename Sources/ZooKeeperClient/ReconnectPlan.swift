internal import ServiceModel

/// Which server of the list a client tries next, and when.
///
/// Step of the data flow: between a lost connection and the next attempt of the session. Invariants: a
/// server is not tried twice before all others were tried once; the pause after a full round grows up to
/// `Limits.reconnectWaitMax`; nothing here reads a clock or draws a random number. Owner: the engine.
struct ReconnectPlan: Equatable {
    /// What the session has to do next.
    enum Step: Equatable {
        case connect(server: Int)
        case wait(until: Instant)
    }

    private let serverCount: Int
    private var triedInRound = 0
    private var roundsFailed = 0
    /// The server that is tried next.
    private(set) var next: Int

    /// Creates a plan that starts at a server chosen by the caller.
    ///
    /// - Parameters:
    ///   - serverCount: Length of the server list, at least 1.
    ///   - first: Index of the first server, `0..<serverCount`; random, so that clients spread out.
    init(serverCount: Int, first: Int) {
        precondition((0..<serverCount).contains(first), "first \(first) of \(serverCount) servers")
        self.serverCount = serverCount
        next = first
    }

    /// An attempt failed, or a connection was lost as soon as it was made.
    ///
    /// - Parameters:
    ///   - now: The moment of the failure.
    ///   - jitter: Uniform in `0..<1`.
    /// - Returns: The next server while the round lasts, else a pause before the next round.
    mutating func failed(now: Instant, jitter: Double) -> Step {
        triedInRound += 1
        next = (next + 1) % serverCount
        guard triedInRound >= serverCount else { return .connect(server: next) }
        triedInRound = 0
        roundsFailed += 1
        return .wait(until: now + pause(jitter: jitter))
    }

    /// A connection that had held was lost: a fresh round starts, this server comes last in it.
    mutating func lost() { begin(at: (next + 1) % serverCount) }

    /// A fresh round starts with a certain server.
    mutating func begin(at server: Int) {
        (triedInRound, roundsFailed) = (0, 0)
        next = server
    }

    /// No other server of the round is left.
    var isLastOfRound: Bool { triedInRound + 1 >= serverCount }

    /// A server that was passed over in this round, as its name was not known yet, has its turn.
    mutating func turn(to server: Int) { next = server }

    /// Doubles with each failed round; the jitter takes up to half of it away.
    private func pause(jitter: Double) -> Duration {
        let doublings = min(roundsFailed - 1, Limits.reconnectDoublingsMax)
        let full = Limits.reconnectWaitMin * (1 << doublings)
        return min(full, Limits.reconnectWaitMax) * (1 - jitter / 2)
    }
}
