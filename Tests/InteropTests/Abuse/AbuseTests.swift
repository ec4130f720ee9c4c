import Foundation
import TestSupport
import Testing

/// Clients that misuse the registry in eight ways, and one beside them that only works.
///
/// Each misuse is ended or held back with a line in the log that says why, the daemon's memory stays
/// under a bound, and the bystander never fails. What it has to wait is printed; that its 99th percentile
/// stays within twice the quiet value is demanded by `deploy/soak abuse` only, as it takes a quiet machine.
@Suite(.serialized, .timeLimit(.minutes(5 * Soak.factor))) struct AbuseTests {
    struct Kind: CustomStringConvertible, Sendable {
        /// The name in `abuse.py`.
        var description: String
        /// What the log says of it; nil for what is only slowed down.
        var line: String?
        /// Resident memory at its peak, in MiB.
        var megabytesMax: Int
        var number = 0
    }

    /// 128 MiB of bytes held for all connections, their allocator's slack of as much again, and 64 for the daemon.
    private static let plain = 2 * 128 + 64
    /// 100,000 nodes of about 600 bytes and as many watches in two tables of 300 bytes, besides.
    ///
    /// Paths of 207 bytes, which the tables share with the nodes, count in the 600.
    private static let wide = plain + 128
    /// 10,000 paths of 10 KB on average, and the events about as many, besides.
    private static let deep = plain + 200

    private static let kinds = [
        Kind(description: "unread", line: "is held back: its requests wait", megabytesMax: plain),
        Kind(description: "half", line: "bytes of a frame came", megabytesMax: plain),
        Kind(description: "claim", line: "length 2147483647 out of bounds", megabytesMax: plain),
        Kind(description: "garbage", line: "length 1195725856 out of bounds", megabytesMax: plain),
        Kind(description: "churn", line: "expired, nothing came", megabytesMax: plain),
        Kind(description: "deep", megabytesMax: deep, number: Soak.factor > 1 ? 10_000 : 2_000),
        Kind(
            description: "listings",
            line: "is held back: its requests wait",
            megabytesMax: wide
        ),
        // In the short form it is the machine's business how many events wait in time; RoomTests show the rest.
        Kind(
            description: "storm",
            line: Soak.factor > 1 ? "it does not read its events" : nil,
            megabytesMax: wide
        ),
    ]

    @Test(.needs(.kazoo), arguments: kinds)
    func `misuse is bounded, told of, and leaves others alone`(kind: Kind) async throws {
        let daemon = try await Daemon(settings: ["registry.tickTime=500"])
        let id = daemon.program.id
        try await pin(id, to: 0)
        let bystander = try Bystander(daemon.registry)
        try await bystander.isReady()
        let seconds = Soak.factor > 1 ? 4 : 3
        let abuser = try Program([
            "taskset", "-c", "1", Peer.python, Checkout.script("abuse.py"), kind.description,
            daemon.registry, "\(seconds)", "\(kind.number)",
        ])
        let isReady = await eventually(within: .seconds(60)) { abuser.output.contains("ready") }
        try #require(isReady, "\(abuser.errors)")
        _ = try await bystander.figures("before")
        let outcome = await abuser.wait(within: .seconds(60))
        let abused = try await bystander.figures("abused")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("\"done\""), "\(outcome.output)")
        if let line = kind.line {
            let isTold = await eventually { daemon.program.errors.contains(line) }
            #expect(isTold, "\(daemon.program.errors.suffix(2_000))")
        }
        let peak = peakMegabytes(id)
        #expect(peak > 0 && peak <= kind.megabytesMax, "\(peak) MiB at the peak")
        #expect(abused.count > 0)
        #expect(daemon.program.isRunning && bystander.isWorking)
        if Soak.factor > 1 {
            _ = try await bystander.figures("settling")
            let quiet = try await bystander.quiet(for: seconds)
            let text = "\(kind): p99 \(abused.p99) us abused, \(quiet.p99) us quiet, \(peak) MiB"
            print(text)
            #expect(abused.p99 <= 2 * quiet.p99, "\(text)")
        } else {
            print("\(kind): p50 \(abused.p50) us, p99 \(abused.p99) us, \(peak) MiB at the peak")
        }
        bystander.end()
        #expect(await daemon.stop().status == 0)
    }

    private func pin(_ id: Int32, to core: Int) async throws {
        _ = try await Program.run(["taskset", "-apc", "\(core)", "\(id)"])
    }

    private func peakMegabytes(_ id: Int32) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1_024
    }
}
