import Foundation
import Runtime
import TestSupport
import Testing
import ZooKeeperProtocol

/// An hour of churn on one daemon with a data directory: nothing it holds may grow, and it stays as fast.
///
/// `deploy/soak hour N` takes N minutes with the optimised daemon, a sample a minute. The everyday form has
/// samples of a second, and shows that the traffic gets through and is closed in order.
@Suite(.serialized, .timeLimit(.minutes(3 + 2 * Soak.factor))) struct HourTests {
    private static let minutes = Soak.factor > 1 ? Soak.factor : 0
    private static let samples = minutes > 0 ? minutes : 4
    private static let secondsPerSample = minutes > 0 ? 60 : 1

    @Test func `memory, files, disk and latency stay flat under churn`() async throws {
        let daemon = try CrashedDaemon()
        try await daemon.start()
        let process = try #require(daemon.program).id
        let folder = CreateRequest(path: "/hour", data: [], mode: .persistent)
        _ = try daemon.client().ask([.create(folder), .closeSession])
        let load = HourLoad(port: daemon.port)
        let threads = (0..<HourLoad.writers + HourLoad.comers).map {
            BlockingThread(name: "hour-\($0)")
        }
        defer { for thread in threads { thread.stop() } }
        let works = threads.enumerated().map { number, thread in
            Task {
                try await thread.run {
                    if number < HourLoad.writers {
                        try load.write(number, seed: Seed.generator(UInt64(number)))
                    } else {
                        try load.comeAndGo(number)
                    }
                }
            }
        }
        let isWorking = await eventually(within: .seconds(60)) { !load.take().latencies.isEmpty }
        #expect(isWorking)
        print(HourSample.heading)
        var samples: [HourSample] = []
        for number in 1...Self.samples {
            await Self.pass(Self.secondsPerSample)
            let (latencies, sessions) = load.take()
            let sample = HourSample(
                process: process,
                directory: daemon.directory.path,
                latencies: latencies,
                sessions: sessions
            )
            samples.append(sample)
            print(sample.row(number, seconds: Self.secondsPerSample))
            try #require(load.faults == [], "\(daemon.errors.suffix(2_000))")
        }
        load.stop()
        for work in works { try await work.value }
        #expect(samples.allSatisfy { $0.writes > 0 && $0.sessions > 0 && $0.openFiles > 0 })
        if Self.minutes > 0 { #expect(HourVerdict(samples).complaints == []) }
        #expect(await daemon.stop() == 0)
    }

    @Test func `the rule finds what grows, and lets be what does not`() {
        func samples(_ change: (Int, inout HourSample) -> Void) -> [HourSample] {
            (0..<20).map { number in
                var sample = HourSample(
                    process: 0,
                    directory: "/nowhere",
                    latencies: [],
                    sessions: 0
                )
                (sample.residentKilobytes, sample.openFiles) = (100 << 10, 50)
                (sample.diskKilobytes, sample.p99) = (
                    100 << 10 + (number % 3) << 14, 900 + number % 5 * 100
                )
                change(number, &sample)
                return sample
            }
        }
        #expect(HourVerdict(samples { _, _ in }).complaints == [])
        // Twice as slow while it warms up is nobody's concern.
        #expect(HourVerdict(samples { if $0 < 4 { $1.p99 = 9_000 } }).complaints == [])
        #expect(HourVerdict(samples { $1.residentKilobytes += $0 * 2 << 10 }).complaints.count == 1)
        #expect(HourVerdict(samples { $1.openFiles += $0 * 2 }).complaints.count == 1)
        #expect(HourVerdict(samples { $1.diskKilobytes += $0 * 16 << 10 }).complaints.count == 1)
        #expect(HourVerdict(samples { $1.p99 += $0 * 900 }).complaints.count == 1)
    }

    private static func pass(_ seconds: Int) async {
        let end = ContinuousClock.now + .seconds(seconds)
        _ = await eventually(within: .seconds(seconds + 1)) { ContinuousClock.now >= end }
    }
}
