import ServiceModel

/// Counts since the start, or since `srst`.
struct Statistics {
    /// Frames from clients.
    var received = 0
    /// Replies, events and texts to clients.
    var sent = 0
    /// Sessions that expired.
    var expired = 0
    /// Times that the process stood still.
    var stalls = 0
    /// From a request's arrival until its answer may leave; whole milliseconds, as ZooKeeper counts.
    private var latency = (count: 0, sum: Int64(0), min: Int64.max, max: Int64(0))

    /// Answers left after a wait.
    mutating func waited(_ duration: Duration, count: Int = 1) {
        let milliseconds = max(0, duration.milliseconds)
        latency.count += count
        latency.sum += milliseconds * Int64(count)
        latency.min = min(latency.min, milliseconds)
        latency.max = max(latency.max, milliseconds)
    }

    /// Least, mean (four digits behind the point at most) and greatest latency, in milliseconds.
    var latencies: (min: Int64, average: Double, max: Int64) {
        guard latency.count > 0 else { return (0, 0, 0) }
        let average = Double(latency.sum) / Double(latency.count)
        return (latency.min, (average * 10_000).rounded() / 10_000, latency.max)
    }
}
