import Synchronization

/// How durations are spread over fixed buckets, from 10 microseconds to 60 seconds.
///
/// Any thread may observe; one observation is three relaxed additions at most. A reader may see an
/// observation in one number and not yet in another: good enough for graphs. HOT: `observe`, no
/// allocation, no lock.
public final class Histogram: Sendable {
    /// What was observed up to one moment.
    public struct Snapshot: Equatable, Sendable {
        /// Observations by bucket: one for each of `bucketEnds`, then one for all above.
        public let counts: [Int]
        /// All observed durations together.
        public let sum: Duration

        /// Number of observations.
        public var count: Int { counts.reduce(0, +) }
    }

    /// Upper ends of the buckets, inclusive, ascending.
    public static let bucketEnds: [Duration] = Limits.bucketEnds.map { .nanoseconds($0) }

    private let counts: InlineArray<22, Atomic<Int>>
    private let sumNanoseconds = Atomic<Int64>(0)

    /// Creates an empty histogram that no registry shows.
    public init() { counts = InlineArray { _ in Atomic(0) } }

    /// Counts one duration; a negative one counts as zero.
    public func observe(_ duration: Duration) {
        let nanoseconds = Self.nanoseconds(duration)
        counts[Self.bucket(of: nanoseconds)].wrappingAdd(1, ordering: .relaxed)
        sumNanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
    }

    /// What was observed so far.
    public var snapshot: Snapshot {
        Snapshot(
            counts: counts.indices.map { counts[$0].load(ordering: .relaxed) },
            sum: .nanoseconds(sumNanoseconds.load(ordering: .relaxed))
        )
    }

    /// An estimate of the duration below which a share of the observations lies.
    ///
    /// - Parameter share: 0.5 for the median; held in `0...1`.
    /// - Returns: Interpolated inside the bucket; 60 s for one above all; zero when nothing was observed.
    public func quantile(_ share: Double) -> Duration { snapshot.quantile(share) }

    private static func bucket(of nanoseconds: Int64) -> Int {
        var low = 0
        var high = Limits.bucketEnds.count
        while low < high {
            let middle = (low + high) / 2
            if nanoseconds <= Limits.bucketEnds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Whole nanoseconds from 0 to an hour: what is longer tells nothing more and would fill the sum.
    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let clamped = min(max(duration, .zero), .seconds(3_600)).components
        return clamped.seconds * 1_000_000_000 + clamped.attoseconds / 1_000_000_000
    }
}

extension Histogram.Snapshot {
    /// An estimate of the duration below which a share of the observations lies.
    ///
    /// - Parameter share: 0.5 for the median; held in `0...1`.
    /// - Returns: Interpolated inside the bucket; 60 s for one above all; zero when nothing was observed.
    public func quantile(_ share: Double) -> Duration {
        let rank = min(max(share, 0), 1) * Double(count)
        var below = 0.0
        for (index, end) in Limits.bucketEnds.enumerated() where counts[index] > 0 {
            let inside = Double(counts[index])
            if below + inside >= rank {
                let start = index == 0 ? 0 : Limits.bucketEnds[index - 1]
                let part = max(0, rank - below) / inside
                return .nanoseconds(start + Int64(Double(end - start) * part))
            }
            below += inside
        }
        return count == 0 ? .zero : .nanoseconds(Limits.bucketEnds[Limits.bucketEnds.count - 1])
    }
}
