import Foundation
import TestSupport
import Testing

/// Random and mutated packets against the running daemon: it neither falls, nor grows, nor stops answering.
@Suite(.serialized, .timeLimit(.minutes(5 * Soak.factor))) struct FuzzTests {
    @Test(.needs(.kazoo, .dig), arguments: [("dns", 1_000_000), ("registry", 100_000)])
    func `packets of all kinds neither stop nor fatten the daemon`(
        port: String,
        count: Int
    ) async throws {
        let daemon = try await Daemon()
        let address = port == "dns" ? daemon.dns : daemon.registry
        try await send(port, address, count / 10, seed: Seed.current)
        let before = residentKilobytes(daemon.program.id)
        try await send(port, address, count * Soak.factor, seed: Seed.current &+ 1)
        let after = residentKilobytes(daemon.program.id)
        #expect(daemon.program.isRunning, "\(daemon.program.errors.suffix(4_000))")
        #expect(before > 0)
        #expect(after < before + 16_384, "resident: \(before) KiB before, \(after) KiB after")
        let answer = try await Dig(daemon.dns, "muster.internal", "SOA")
        #expect(answer.status == "NOERROR")
        #expect(answer.answers.count == 1)
        #expect(FourLetterWord.ask(daemon.registry, "ruok") == "imok")
        #expect(await daemon.stop().status == 0)
    }

    private func send(_ port: String, _ address: String, _ count: Int, seed: UInt64) async throws {
        let words = [Peer.python, Checkout.script("fuzz.py"), port, address, "\(count)", "\(seed)"]
        let outcome = try await Program.run(words, within: .seconds(300 * Soak.factor))
        #expect(outcome.output.contains("done"), "\(outcome)")
    }

    private func residentKilobytes(_ id: Int32) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
}
