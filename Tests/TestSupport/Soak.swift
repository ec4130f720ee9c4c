import Foundation

/// How much longer than usual the long tests run: `MUSTER_SOAK`, a whole number, as `deploy/soak` sets it.
public enum Soak {
    /// 1 in everyday runs.
    public static let factor: Int = {
        let given = ProcessInfo.processInfo.environment["MUSTER_SOAK"].flatMap { Int($0) }
        return min(max(1, given ?? 1), factorMax)
    }()

    /// Some days of fuzzing; more would only overflow counts.
    private static let factorMax = 10_000
}
