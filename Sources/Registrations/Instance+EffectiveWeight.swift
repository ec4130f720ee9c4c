public import ServiceModel

extension Instance {
    /// The weight that counts at a moment: it grows from 1 during the warm-up.
    ///
    /// As Dubbo 3's `AbstractLoadBalance`, in its single precision: an instance that started in this very
    /// millisecond has its full weight already, and one whose clock is ahead has 1.
    ///
    /// - Parameter now: The calendar time.
    /// - Returns: From 1 to `weight`, or 0 when `weight` is 0.
    public func effectiveWeight(at now: UnixTime) -> Int {
        guard weight > 0, let startedAt, startedAt.milliseconds > 0 else { return max(weight, 0) }
        let (uptime, overflow) = now.milliseconds.subtractingReportingOverflow(
            startedAt.milliseconds
        )
        guard !overflow, uptime >= 0 else { return 1 }
        let warmup = self.warmup.milliseconds
        guard uptime > 0, uptime < warmup else { return weight }
        let grown = Float(uptime) / (Float(warmup) / Float(weight))
        guard grown < Float(weight) else { return weight }
        return max(1, Int(grown))
    }
}
