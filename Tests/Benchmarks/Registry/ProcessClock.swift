import Glibc
import TestSupport

/// The CPU time of another process, user and system, as the kernel accounts it.
struct ProcessClock: Sendable {
    private let clock: clockid_t

    /// - Throws: When there is no such process.
    init(_ id: Int32) throws {
        var clock = clockid_t()
        // SAFETY: the call only fills in the number, which outlives it.
        let result = unsafe clock_getcpuclockid(id, &clock)
        guard result == 0 else { throw BenchmarkFailure("no CPU clock of process \(id)") }
        self.clock = clock
    }

    /// Nanoseconds of CPU that it has used since its start; 0 when it is gone.
    var nanoseconds: Int64 {
        var time = timespec()
        // SAFETY: the call only fills in the structure, which outlives it.
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Returns when the process does nothing: what goes on behind the last reply, such as folding, is over.
    func rest() async {
        var before = (used: nanoseconds, at: wallNanoseconds())
        _ = await eventually(within: .seconds(60)) {
            let now = (used: nanoseconds, at: wallNanoseconds())
            guard now.at - before.at >= Self.restNanoseconds else { return false }
            defer { before = now }
            return now.used - before.used < Self.restNanoseconds / 20
        }
    }

    /// Half a second, in which a twentieth of a core may be used.
    private static let restNanoseconds: Int64 = 500_000_000
}
