import Foundation
import TestSupport
import Testing

/// A `musterd` of this checkout on free ports, with its own data directory.
final class Daemon: Sendable {
    let program: Program
    let directory: TemporaryDirectory
    /// `address:port` of the embedded registry; empty when an ensemble is used.
    let registry: String
    /// `address:port` of UDP and TCP.
    let dns: String
    /// `http://address:port`.
    let console: String
    /// The control socket.
    let control: String

    /// Starts the daemon, in the data directory of an earlier one if given, and waits until it is ready.
    init(
        in directory: TemporaryDirectory? = nil,
        settings: [String] = [],
        configuration: String? = nil,
        waitsForView: Bool = true,
        listensAnywhere: Bool = true
    ) async throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        var words = [Checkout.program("musterd"), "--data", directory.path]
        if let configuration {
            words += ["--config", try directory.write("muster.yaml", configuration)]
        }
        // Where the configuration says where the registry listens, nothing overrides it.
        let anywhere = listensAnywhere ? ["registry.listen=127.0.0.1:0"] : []
        for setting in anywhere + [
            "dns.listen=127.0.0.1:0", "console.listen=127.0.0.1:0",
        ] + settings { words += ["--set", setting] }
        program = try Program(words)
        let started = await eventually { [program] in
            program.output.contains("\nready\n") || !program.isRunning
        }
        let text = program.output
        try #require(started && program.isRunning, "musterd did not start:\n\(program.errors)")
        func value(_ key: String) -> String {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.first == Substring(key), words.count > 1 { return String(words[1]) }
            }
            return ""
        }
        registry = value("registry")
        dns = value("dns")
        console = value("console")
        control = value("control")
        guard waitsForView else { return }
        let isLive = try await eventually {
            try await muster("status", "--json").output.contains("\"freshness\":\"live\"")
        }
        try #require(isLive, "the registry was not read:\n\(program.errors)")
    }

    /// Runs the command-line tool against this daemon.
    func muster(
        _ words: String...,
        within limit: Duration = .seconds(60)
    ) async throws
        -> Program.Outcome
    {
        try await Program.run(
            [Checkout.program("muster")] + words,
            environment: ["MUSTER_CONTROL": control],
            within: limit
        )
    }

    /// Asks it to stop and waits for that.
    func stop() async -> Program.Outcome {
        program.signal(SIGTERM)
        return await program.wait()
    }
}
