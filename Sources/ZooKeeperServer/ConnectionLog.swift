import Runtime
import ServiceModel
import Telemetry

/// The lines of the log about connections: a few of each kind a second, the rest summed up.
struct ConnectionLog {
    private let log: Log
    private var throttle = LogThrottle()

    init(_ log: Log) { self.log = log }

    /// One line about a connection, unless there were many of its kind in this second.
    ///
    /// - Parameters:
    ///   - what: What is done with it, such as `is closed`.
    ///   - peer: Nil for the daemon's own.
    ///   - reason: Why.
    ///   - now: This turn's time.
    mutating func say(
        _ what: String,
        _ peer: SocketAddress?,
        _ reason: ClosingReason,
        now: Instant
    ) {
        guard let keptBack = throttle.admit(reason.kind, now: now) else { return }
        let who = peer.map { "\($0)" } ?? "embedded"
        let more = keptBack > 0 ? " (and \(keptBack) more lines of this kind)" : ""
        let text = "connection of \(who) \(what): \(reason.text)\(more)"
        if reason.kind == .refused { log.warning("\(text)") } else { log.info("\(text)") }
    }

    /// Tells of lines that were kept back and that no later one has told of.
    mutating func sumUp(_ now: Instant) {
        for (kind, count) in throttle.takeKeptBack(now: now) {
            log.info("\(count) more connections were \(kind.text)")
        }
    }
}
