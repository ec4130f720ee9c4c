import ServiceModel
import Telemetry
import ZNodeTree

/// Turns deadlines into the calendar times of `dump`, in UTC as Java prints them.
struct DumpClock {
    private let moment: Moment
    /// By how much the clock of the sessions lags behind.
    let lag: Duration

    init(_ moment: Moment, lag: Duration) { (self.moment, self.lag) = (moment, lag) }

    /// The end of the interval of so many milliseconds that a deadline falls into (ZooKeeper 3.8 ExpiryQueue).
    static func bucket(of deadline: Instant, interval: Int64) -> Int64 {
        let milliseconds = deadline.nanoseconds / 1_000_000
        return (milliseconds / interval + 1) * interval
    }

    /// `Sat Nov 21 16:18:16 UTC 2026`.
    func date(ofBucket milliseconds: Int64) -> String {
        let now = moment.now.nanoseconds / 1_000_000
        return Self.date(UnixTime(milliseconds: moment.time.milliseconds + milliseconds - now))
    }

    static func date(_ time: UnixTime) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        // 2026-11-21T16:18:16.000Z; the first day of 1970 was a Thursday.
        let milliseconds = max(0, time.milliseconds)
        let text = Timestamp(unixMilliseconds: milliseconds).text.split { "-T.".contains($0) }
        let day = days[Int((milliseconds / 86_400_000 + 4) % 7)]
        let month = months[(Int(text[1]) ?? 1) - 1]
        return "\(day) \(month) \(text[2]) \(text[3]) UTC \(text[0])"
    }
}

/// Things that expire, gathered by the interval that they expire in.
private struct ExpirySets {
    private var sets: [Int64: (count: Int, lines: String)] = [:]
    private var total = 0

    mutating func add(_ line: String, to bucket: Int64) {
        sets[bucket, default: (0, "")].count += 1
        sets[bucket, default: (0, "")].lines += line
        total += 1
    }

    func text(_ kind: String, _ clock: DumpClock) -> String {
        var text = "\(kind) Sets (\(sets.count))/(\(total)):\n"
        for (bucket, set) in sets.sorted(by: { $0.key < $1.key }) {
            text += "\(set.count) expire at \(clock.date(ofBucket: bucket)):\n" + set.lines
        }
        return text
    }
}

/// The sessions of `dump`, by when they expire unless they are heard of.
struct SessionSets: WordPart {
    private var walk: Walk<Int64>
    private var sets = ExpirySets()
    private let clock: DumpClock
    private let interval: Int64

    init(_ ids: [Int64], _ clock: DumpClock, _ tickTime: Duration) {
        (walk, self.clock) = (Walk(ids), clock)
        interval = max(1, tickTime.milliseconds)
    }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        while let id = walk.next(in: slice) {
            slice.looked()
            guard let session = engine.tree.session(id) else { continue }
            let deadline = session.deadline + clock.lag
            sets.add("\t0x\(hex(id))\n", to: DumpClock.bucket(of: deadline, interval: interval))
        }
        guard walk.isOver else { return false }
        slice.add("SessionTracker dump:\n" + sets.text("Session", clock))
        return true
    }
}

/// The connections of `dump`, by when they are closed unless something comes from them.
struct ConnectionSets: WordPart {
    private var walk: Walk<ConnectionID>
    private var sets = ExpirySets()
    private let clock: DumpClock

    init(_ ids: [ConnectionID], _ clock: DumpClock) { (walk, self.clock) = (Walk(ids), clock) }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        let interval = Limits.handshakeWaitMax.milliseconds
        while let id = walk.next(in: slice) {
            slice.looked()
            guard let connection = engine.connections[id] else { continue }
            let session = connection.session.flatMap { engine.tree.session($0) }
            let deadline =
                session.map { $0.deadline + clock.lag }
                ?? connection.openedAt + Limits.handshakeWaitMax
            sets.add(
                "\tip: \(connection.peerText) sessionId: 0x\(hex(connection.session ?? 0))\n",
                to: DumpClock.bucket(of: deadline, interval: interval)
            )
        }
        guard walk.isOver else { return false }
        slice.add("Connections dump:\n" + sets.text("Connections", clock))
        return true
    }
}

/// The ephemerals of `dump`, by session.
struct EphemeralLists: WordPart {
    private var walk: Walk<Int64>
    private var owners: [Int64] = []
    private var lists: Walk<Int64>?
    private var paths: EphemeralPaths?
    private var nextPath = 0

    init(_ sessions: [Int64]) { walk = Walk(sessions) }

    mutating func write(to slice: inout WordSlice, from engine: borrowing ServerEngine) -> Bool {
        while let id = walk.next(in: slice) {
            slice.looked()
            let count = engine.tree.session(id)?.ephemeralCount ?? 0
            if count > 0 { owners.append(id) }
        }
        guard walk.isOver else { return false }
        if lists == nil {
            slice.add("ephemeral nodes dump:\nSessions with Ephemerals (\(owners.count)):\n")
            lists = Walk(owners)
        }
        while slice.linesLeft > 0 {
            if let paths, nextPath < paths.count {
                slice.add("\t\(paths[nextPath])\n")
                nextPath += 1
            } else if let id = lists?.next(in: slice) {
                slice.add("0x\(hex(id)):\n")
                (paths, nextPath) = (engine.tree.ephemeralPaths(of: id), 0)
            } else {
                return true
            }
        }
        return false
    }
}
