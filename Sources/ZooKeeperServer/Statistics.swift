import ServiceModel
import ZooKeeperProtocol

/// Counts since the start, or since `srst`, as the words `srvr` and `mntr` show them.
///
/// A request costs a few additions here; the clock is read once a turn, in `settle`, for all answers of it.
struct Statistics {
    /// Frames from clients.
    var received = 0
    /// Replies, events and texts to clients.
    var sent = 0
    /// Sessions that expired.
    var expired = 0
    /// Containers and TTL nodes that the reaper took.
    var reaped = 0
    /// Changes that went beyond a quota, refused or not.
    var quotaExcesses = 0
    /// Times that the process stood still.
    var stalls = 0
    /// Bytes from clients.
    var bytesReceived = 0
    /// Frames that asked for a session.
    var handshakes = 0
    /// Of those the ones that went on with a session.
    var resumptions = 0
    /// Connections that were not taken.
    var refusals = 0
    /// Connections that were closed because no session came.
    var sessionless = 0
    /// Bytes of replies, without their length fields.
    private(set) var responseBytes = 0
    /// Bytes of events, without their length fields.
    private(set) var eventBytes = 0
    /// Size of the last reply, the smallest and the largest; -1 before the first.
    private(set) var responseSize = (last: -1, min: -1, max: -1)
    private(set) var reads = Latencies()
    private(set) var updates = Latencies()
    /// How many were told of each kind of event.
    private(set) var watchers: [WatchEvent.Kind: Summary] = [:]
    /// Answers of this turn.
    private var unsettled = (reads: 0, updates: 0)

    /// A reply leaves in this turn.
    mutating func answered(_ asked: Asked, count: Int = 1) {
        if asked.isUpdate { unsettled.updates += count } else { unsettled.reads += count }
    }

    /// A reply of that many bytes was made.
    mutating func responded(bytes: Int) {
        responseBytes += bytes
        responseSize.last = bytes
        if bytes > responseSize.max { responseSize.max = bytes }
        if bytes < responseSize.min || responseSize.min < 0 { responseSize.min = bytes }
    }

    /// An event of that many bytes goes to so many connections.
    mutating func fired(_ kind: WatchEvent.Kind, to count: Int, bytes: Int) {
        watchers[kind, default: Summary()].add(count)
        eventBytes += bytes * count
    }

    /// The answers of this turn leave so long after their requests were read.
    mutating func settle(milliseconds: Int) {
        if unsettled.reads > 0 { reads.add(milliseconds, times: unsettled.reads) }
        if unsettled.updates > 0 { updates.add(milliseconds, times: unsettled.updates) }
        unsettled = (0, 0)
    }

    /// An answer left after it had waited for durability.
    mutating func waited(_ asked: Asked, milliseconds: Int, count: Int = 1) {
        if asked.isUpdate {
            updates.add(milliseconds, times: count)
        } else {
            reads.add(milliseconds, times: count)
        }
    }

    /// True while answers wait for `settle`.
    var isUnsettled: Bool { unsettled.reads + unsettled.updates > 0 }

    /// From a request's arrival until its answer may leave; whole milliseconds, as ZooKeeper counts.
    var latency: Summary { reads.summary + updates.summary }
}

/// What an answer was asked by: for the latency, once it leaves.
struct Asked: Equatable {
    /// False for reads and pings.
    var isUpdate: Bool
    /// When the request was read.
    var since: Instant
}

/// How many numbers there were, their sum, the least and the greatest.
struct Summary: Equatable {
    private(set) var count = 0
    private(set) var sum = 0
    private var least = Int.max
    private(set) var max = 0

    mutating func add(_ value: Int, times: Int = 1) {
        count += times
        sum += value * times
        if value < least { least = value }
        if value > max { max = value }
    }

    /// 0 without numbers.
    var min: Int { count > 0 ? least : 0 }
    /// Four digits behind the point at most; 0 without numbers.
    var average: Double {
        count > 0 ? (Double(sum) / Double(count) * 10_000).rounded() / 10_000 : 0
    }

    static func + (left: Summary, right: Summary) -> Summary {
        var both = left
        (both.count, both.sum) = (left.count + right.count, left.sum + right.sum)
        both.least = Swift.min(left.least, right.least)
        both.max = Swift.max(left.max, right.max)
        return both
    }
}

/// Milliseconds with their percentiles, exact below 16 and to an eighth above.
struct Latencies {
    private(set) var summary = Summary()
    private var buckets = [Int](repeating: 0, count: Limits.latencyBuckets)

    mutating func add(_ milliseconds: Int, times: Int = 1) {
        summary.add(milliseconds, times: times)
        buckets[Self.bucket(of: milliseconds)] += times
    }

    /// The least value that `share` of all stay at or below.
    func percentile(_ share: Double) -> Int {
        let wanted = max(1, Int((Double(summary.count) * share).rounded(.up)))
        var seen = 0
        for (bucket, count) in buckets.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return min(Self.value(of: bucket), summary.max) }
        }
        return 0
    }

    /// Eight buckets for each doubling from 16 on.
    static func bucket(of milliseconds: Int) -> Int {
        let value = max(0, milliseconds)
        guard value >= 16 else { return value }
        let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount
        let eighth = value >> (exponent - 3) & 7
        return min(16 + (exponent - 4) * 8 + eighth, Limits.latencyBuckets - 1)
    }

    /// The greatest value of a bucket.
    static func value(of bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket }
        let (exponent, eighth) = ((bucket - 16) / 8 + 4, (bucket - 16) % 8)
        return (8 + eighth + 1) << (exponent - 3) - 1
    }
}
