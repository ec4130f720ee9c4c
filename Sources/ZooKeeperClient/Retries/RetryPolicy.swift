internal import ZooKeeperProtocol

/// How often something is tried again, and after which pauses.
///
/// A value without clock or randomness: who uses it says how much time has passed and brings the jitter.
public struct RetryPolicy: Hashable, Sendable {
    /// Tries after the first one.
    public var retriesMax: Int
    /// The pause before the first of them; each further one is twice as long.
    public var pauseMin: Duration
    /// Longest pause.
    public var pauseMax: Duration
    /// When no further try begins, counted from the first; nil for never.
    public var elapsedMax: Duration?
    /// Share of each pause that chance may take away, 0 to 1, so that clients spread out.
    public var jitterShare: Double

    /// Not again.
    public static let never = RetryPolicy(retriesMax: 0, pauseMin: .zero, pauseMax: .zero)

    /// Pauses that double, half of each left to chance.
    ///
    /// - Parameters:
    ///   - pauseMin: Before the first retry.
    ///   - pauseMax: The longest.
    ///   - retries: How many.
    ///   - elapsedMax: When no further try begins; nil for no such limit.
    /// - Returns: By default ten retries within about half a minute.
    public static func exponential(
        from pauseMin: Duration = .milliseconds(100),
        to pauseMax: Duration = .seconds(5),
        retries: Int = 10,
        elapsedMax: Duration? = nil
    ) -> RetryPolicy {
        RetryPolicy(
            retriesMax: retries,
            pauseMin: pauseMin,
            pauseMax: pauseMax,
            elapsedMax: elapsedMax,
            jitterShare: 0.5
        )
    }

    /// A number of retries after equal pauses.
    public static func times(_ retries: Int, pause: Duration) -> RetryPolicy {
        RetryPolicy(retriesMax: retries, pauseMin: pause, pauseMax: pause)
    }

    /// As many retries as a time allows, after equal pauses.
    public static func elapsed(_ elapsedMax: Duration, pause: Duration) -> RetryPolicy {
        RetryPolicy(
            retriesMax: .max,
            pauseMin: pause,
            pauseMax: pause,
            elapsedMax: elapsedMax
        )
    }

    /// Creates a policy; the static members say it shorter.
    public init(
        retriesMax: Int,
        pauseMin: Duration,
        pauseMax: Duration,
        elapsedMax: Duration? = nil,
        jitterShare: Double = 0
    ) {
        (self.retriesMax, self.elapsedMax) = (retriesMax, elapsedMax)
        (self.pauseMin, self.pauseMax) = (pauseMin, pauseMax)
        self.jitterShare = min(max(jitterShare, 0), 1)
    }

    /// How long to wait before another try.
    ///
    /// - Parameters:
    ///   - retry: Its number, from 1.
    ///   - elapsed: Time since the first try.
    ///   - jitter: Uniform in `0..<1`.
    /// - Returns: Nil when there is no further try.
    public func pause(before retry: Int, elapsed: Duration, jitter: Double) -> Duration? {
        guard retry <= retriesMax else { return nil }
        let doublings = min(max(retry, 1) - 1, Limits.retryDoublingsMax)
        let pause = min(pauseMin * (1 << doublings), pauseMax) * (1 - jitter * jitterShare)
        guard let elapsedMax else { return pause }
        return elapsed + pause <= elapsedMax ? pause : nil
    }
}

/// Which failures are worth another try.
public enum Repetition: Hashable, Sendable {
    /// Those of requests that were certainly not carried out: right for every write.
    case ifNotDone
    /// Those of unknown outcome too: right for reads, and for writes that a second time changes nothing.
    case ifUnknown

    /// True when another try may succeed and does no harm.
    public func isSafe(after error: ZooKeeperError) -> Bool {
        switch error.code {
        case .notSent, .sessionExpired, .overloaded: true
        case .outcomeUnknown, .badReply: self == .ifUnknown
        case .refused:
            error.server == .throttledOp || error.server == .sessionMoved
                || error.server == .notReadOnly
        default: false
        }
    }
}
