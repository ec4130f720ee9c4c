import Glibc

/// Times of many runs of one thing, in nanoseconds.
struct Samples {
    private var all: [Int64] = []

    /// Adds one.
    mutating func add(_ nanoseconds: Int64) { all.append(nanoseconds) }

    /// Adds those of another run.
    mutating func add(_ others: Samples) { all += others.all }

    /// How many there are.
    var count: Int { all.count }

    /// The value that the given share of the samples does not exceed, by rank; 0 without samples.
    func quantile(_ share: Double) -> Double {
        let sorted = all.sorted()
        guard let last = sorted.indices.last else { return 0 }
        let rank = (Double(sorted.count) * share).rounded(.up)
        return Double(sorted[min(last, max(0, Int(rank) - 1))])
    }

    /// Median and p99 in microseconds, both under one bar.
    func microseconds(_ what: String, bar: Double? = nil) -> [Figure] {
        [
            Figure("\(what), median", quantile(0.5) / 1_000, "us", bar: bar),
            Figure("\(what), p99", quantile(0.99) / 1_000, "us", bar: bar),
        ]
    }
}

/// CPU time that the calling thread has used so far, in nanoseconds.
func threadCPUNanoseconds() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

/// Time since the machine started, in nanoseconds.
func wallNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // SAFETY: the call only fills in the structure, which outlives it.
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
