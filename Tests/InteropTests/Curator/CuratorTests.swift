import Foundation
import TestSupport
import Testing

/// Curator 5.4 and ZooKeeper's own Java client: the same lines from `musterd` and ZooKeeper 3.8.
///
/// The probe's parts print what they saw: how many were inside a lock at once, which events came in
/// which order, which operation was refused with which code.
@Suite(.timeLimit(.minutes(4))) struct CuratorTests {
    /// Covers A1.1, A1.3, A1.4, A1.5, A1.7, A1.8, A1.9, A1.10, A1.15, A1.16, A1.17, A1.18, A1.19, A1.20 (parts
    /// session-*, sequence, stat, refusals, data, multi, acl-*), A2.1 to A2.11 (watch-*, *-cache), A8.1, A8.3,
    /// A8.7 (group-member, leader-*), A9.1, A9.2, A9.3, A9.4, A9.5, A9.6, A9.9, A9.10 (mutex*, read-write-lock*),
    /// A10.1, A10.2, A10.3, A10.7 (queue*, *-barrier), A13.1, A13.9, A13.10 (background), A14.1, A14.5.
    @Test(.needs(.zooKeeperServer, .javaCompiler, .curator))
    func `A14.4 Curator's recipes and ZooKeeper's client print the same on both servers`()
        async throws
    {
        let classes = try TemporaryDirectory()
        try await Java.compile("Curator", into: classes)
        let pair = try await SideBySide(
            tickMilliseconds: 2_000,
            properties: ["zookeeper.extendedTypesEnabled=true"]
        )
        let lines = try await pair.sameLines(within: .seconds(150)) { address in
            Java.command + ["-cp", classes.path + ":" + Java.classPath, "Probe", address]
        }
        let parts = lines.filter { $0.hasPrefix("== ") }
        #expect(parts.count >= 70, "\(parts)")
        // What the two agree on is right as well.
        for line in [
            "entries 72 counted 72 at once 1",
            "led [s0, s1, s2, s3, s4] at once 1",
            "[waiter-0, waiter-1, waiter-2, waiter-3, waiter-4, waiter-5]",
            "entered early 0 left early 0",
            "taken 120 different 120",
            "[soon, between, late] not early true",
            "round robin {web-1=10, web-2=10, web-3=10}",
            "in the order of the changes true",
            "not early true not late true",
        ] { #expect(lines.contains(Substring(line)), "\(line)") }
        await pair.stop()
    }
}
