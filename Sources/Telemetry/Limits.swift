/// Every bound of this target, with its unit, source and arithmetic.
enum Limits {
    /// Longest log line in bytes, its line end included: what journald takes as one entry is 48 KiB,
    /// but a person reads less; the rest of a longer message is cut and marked.
    static let lineBytesMax = 8_192
    /// Most time series in one registry.
    ///
    /// About 100 of ours and room for 100 workers with 10 each, times four. A series over it counts, but
    /// is not shown.
    static let seriesMax = 4_400
    /// Upper ends of a histogram's buckets in nanoseconds: 1, 2.5, 5 of each power of ten from 10
    /// microseconds (a look-up and its packet) to 60 seconds (the longest session timeout and a half).
    static let bucketEnds: [Int64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000, 30_000_000_000, 60_000_000_000,
    ]
}
