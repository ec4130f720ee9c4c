import Foundation
import TestSupport
import Testing

/// A client that pings, creates, reads and deletes all the time, on the daemon's core.
final class Bystander: Sendable {
    /// Its round trips in microseconds, since it was asked before.
    struct Figures: Decodable {
        var label: String
        var count: Int
        var session: String
        var p50: Int
        var p99: Int
        var max: Int
    }
    private let program: Program

    init(_ address: String) throws {
        program = try Program([
            "taskset", "-c", "0", Peer.python, Checkout.script("abuse.py"), "bystander", address,
        ])
    }

    /// True while every request so far was answered, and its connection stands.
    var isWorking: Bool { program.isRunning && program.errors.isEmpty }

    func isReady() async throws {
        let isReady = await eventually { program.output.contains("ready") }
        try #require(isReady, "\(program.errors)")
    }

    /// The figures since the last call.
    func figures(_ label: String) async throws -> Figures {
        program.send(label)
        let mark = "{\"label\": \"\(label)\""
        let line = await eventually { self.line(with: mark) != nil }
        try #require(line, "the bystander does not answer: \(program.errors)")
        let text = try #require(self.line(with: mark))
        return try JSONDecoder().decode(Figures.self, from: Data(text.utf8))
    }

    /// The figures of so many seconds from now on.
    func quiet(for seconds: Int) async throws -> Figures {
        let end = ContinuousClock.now + .seconds(seconds)
        _ = await eventually(within: .seconds(seconds + 1)) { ContinuousClock.now >= end }
        return try await figures("quiet")
    }

    func end() { program.signal(SIGKILL) }

    private func line(with mark: String) -> Substring? {
        program.output.split(separator: "\n").last { $0.hasPrefix(mark) && $0.hasSuffix("}") }
    }
}
