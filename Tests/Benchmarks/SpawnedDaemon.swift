import Foundation
import TestSupport

/// The `musterd` that was built beside this program, on free ports.
final class SpawnedDaemon: Sendable {
    /// `address:port` of its registry.
    let registry: String
    /// `address:port` of its DNS server.
    let dns: String
    /// Its process id.
    var id: Int32 { program.id }
    /// What it has logged.
    var log: String { program.errors }
    private let program: Program
    private let directory: TemporaryDirectory

    /// Starts it and waits until it says that it is ready.
    ///
    /// - Parameters:
    ///   - settings: As on the command line.
    ///   - directory: Its data; a fresh one when nil.
    /// - Throws: When it does not start.
    init(settings: [String] = [], in directory: TemporaryDirectory? = nil) async throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        var words = [folder.path + "/musterd", "--data", directory.path]
        for setting in [
            "registry.listen=127.0.0.1:0", "dns.listen=127.0.0.1:0", "console.listen=127.0.0.1:0",
        ] + settings { words += ["--set", setting] }
        let program = try Program(words)
        self.program = program
        let isReady = await eventually(within: .seconds(120)) {
            program.output.contains("\nready\n") || !program.isRunning
        }
        guard isReady, program.isRunning else {
            throw BenchmarkFailure("musterd did not start: \(program.errors)")
        }
        var values: [Substring: String] = [:]
        for line in program.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { values[words[0]] = String(words[1]) }
        }
        (registry, dns) = (values["registry"] ?? "", values["dns"] ?? "")
    }

    /// Asks it to stop and waits for that.
    func stop() async {
        program.signal(SIGTERM)
        _ = await program.wait()
    }

    /// Ends it as a crash does, and waits for that.
    func kill() async {
        program.signal(SIGKILL)
        _ = await program.wait()
    }
}
