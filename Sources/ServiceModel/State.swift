/// Whether an instance serves, since when, and why: what `instance ls` shows and answers obey.
public struct State: Equatable, Sendable {
    /// How an instance stands.
    public enum Standing: String, CaseIterable, Sendable {
        /// In all answers.
        case up
        /// Its session is gone together with many others; kept for a while, last in SRV.
        case suspect
        /// Asked to take no new work; out of the answers, its connections live on.
        case draining
        /// Switched off by its registration or an override rule; out of the answers.
        case disabled
        /// Found dead by a check; out of the answers, its registration stays.
        case masked
    }

    /// How the instance stands.
    public var standing: Standing
    /// When it came to stand so.
    public var since: UnixTime
    /// A clause for people: `registered`, `enabled=false in its URL`.
    public var why: String

    /// Creates a state.
    public init(_ standing: Standing, since: UnixTime, why: String) {
        (self.standing, self.since, self.why) = (standing, since, why)
    }

    /// True when answers list the instance as one to use.
    public var isServing: Bool { standing == .up }
}
