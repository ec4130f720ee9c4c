/// A moment on a clock that never goes back; engines are given it, they never read it.
///
/// Shells read the kernel's monotonic clock; simulations and tests make their own. Only differences and
/// order mean anything.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start, the same for the whole process.
    public let nanoseconds: Int64

    /// The moment `nanoseconds` after the clock's start.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Earlier moments are smaller.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment `duration` later; stays at the ends of what the clock can hold.
    public static func + (left: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(duration.nanosecondsClamped)
        return Instant(nanoseconds: !overflow ? sum : duration < .zero ? .min : .max)
    }

    /// The moment `duration` earlier; stays at the ends of what the clock can hold.
    public static func - (left: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: difference(left.nanoseconds, duration.nanosecondsClamped))
    }

    /// The time from `right` to `left`, negative when `left` is earlier; held at about 292 years.
    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(difference(left.nanoseconds, right.nanoseconds))
    }

    private static func difference(_ left: Int64, _ right: Int64) -> Int64 {
        let (difference, overflow) = left.subtractingReportingOverflow(right)
        guard overflow else { return difference }
        return right > 0 ? .min : .max
    }
}

extension Duration {
    /// Whole nanoseconds, held at the ends of 64 bits (about 292 years).
    public var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard !carried else { return seconds < 0 ? .min : .max }
        return sum
    }

    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 { nanosecondsClamped / 1_000_000 }
}

/// Calendar time as shown to people and written into records: milliseconds since 1970, UTC.
///
/// May jump when an operator sets the clock, so nothing waits on it.
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// The calendar time that many milliseconds after 1970.
    @inlinable
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Earlier times are smaller.
    @inlinable
    public static func < (left: UnixTime, right: UnixTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
