import Foundation
import TestSupport
import Testing

/// Follows the README's tour on a daemon of the test's own, line by line, as a person at a shell does.
final class ReadmeTour {
    private let daemon: Daemon
    private var demo: [Program] = []
    /// Commands started with `&` that were not killed yet, the oldest is `%1`.
    private var jobs: [Program] = []
    private var scripts: [Program] = []

    /// Starts the daemon and the demo providers, as `deploy/run --demo` does.
    init() async throws {
        daemon = try await Daemon(settings: ["dns.zones=\(Checkout.root)/zones"])
        let script = try String(contentsOfFile: Checkout.root + "/deploy/run", encoding: .utf8)
        let line = script.split(separator: "\n").first { $0.contains("\"dubbo://") }
        let url = try #require(line?.split(separator: "\"").dropFirst().first)
        for last in 1...3 {
            let own = url.replacingOccurrences(of: "$last", with: "\(last)")
            demo.append(try start("muster register --quiet '\(own)'"))
        }
    }

    /// Carries out one line and compares what it prints, as often as it takes for what may be repeated.
    func follow(_ command: String, expecting output: String) async throws {
        if command == "deploy/run --demo" || command.hasPrefix("export PATH=") { return }
        if command.hasSuffix(" &") {
            return jobs.append(try start(String(command.dropLast(2))))
        }
        if command.hasPrefix("kill ") {
            let job = try #require(jobs.isEmpty ? nil : jobs.removeFirst(), "no job to kill")
            job.signal(command.contains("-9") ? SIGKILL : SIGTERM)
            _ = await job.wait()
            return
        }
        let isOnce = ["znode create", "znode set", "watch", "muster shell"].contains {
            command.contains($0)
        }
        let wanted = Self.comparable(output, of: command)
        var printed = ""
        let isEqual = try await eventually(within: .seconds(isOnce ? 0 : 20)) {
            printed = Self.comparable(try await run(command), of: command)
            return printed == wanted || isOnce
        }
        #expect(isEqual && printed == wanted, "$ \(command)\nprints:\n\(printed)")
    }

    /// Starts a Python program of the README and waits for its first line.
    func followScript(_ text: String) async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(
            "provider.py",
            text.replacingOccurrences(of: "127.0.0.1:2181", with: daemon.registry)
        )
        let program = try Program([Peer.python, "-u", file])
        let isUp = await eventually { program.output.contains("\n") || !program.isRunning }
        #expect(isUp && program.isRunning, "\(program.errors)")
        scripts.append(program)
    }

    /// Sends Enter to the Python programs and stops everything.
    func end() async {
        for script in scripts {
            script.send("")
            #expect(await script.wait().status == 0, "\(script.errors)")
        }
        #expect(jobs.isEmpty, "the tour leaves a job behind")
        for provider in demo { provider.signal(SIGTERM) }
        for provider in demo { #expect(await provider.wait().status == 0) }
        #expect(await daemon.stop().status == 0, "\(daemon.program.errors)")
    }

    /// The status of an HTTP path.
    func httpStatus(_ path: String) async throws -> String {
        try await Program.run(
            ["curl", "-sI", "-o", "/dev/null", "-w", "%{http_code}", daemon.console + path]
        ).output
    }

    private var environment: [String: String] {
        let folder = URL(fileURLWithPath: Checkout.program("muster")).deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return [
            "PATH": folder.path + ":" + path, "MUSTER_CONTROL": daemon.control,
            "MUSTER_SERVER": daemon.registry,
        ]
    }

    private func start(_ command: String) throws -> Program {
        try Program(["bash", "-c", "exec " + command], environment: environment)
    }

    private func run(_ command: String) async throws -> String {
        let port = daemon.dns.split(separator: ":").last ?? ""
        let own =
            command
            .replacingOccurrences(of: "-p 1053", with: "-p \(port)")
            .replacingOccurrences(of: "http://127.0.0.1:8053", with: daemon.console)
        let outcome = try await Program.run(
            ["bash", "-c", "exec 2>&1\ncd '\(Checkout.root)'\n" + own],
            environment: environment,
            within: .seconds(30)
        )
        return outcome.output
            .replacingOccurrences(of: daemon.registry, with: "127.0.0.1:2181")
            .replacingOccurrences(of: daemon.dns, with: "127.0.0.1:1053")
            .replacingOccurrences(of: daemon.console, with: "http://127.0.0.1:8053")
    }

    /// The text without what differs from run to run: times, ids, and the order of rotated answers.
    private static func comparable(_ text: String, of command: String) -> String {
        let fixed =
            text
            .replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
            .replacing(/process \d+/, with: "process N")
            .replacing(/\d+ sessions?, \d+ znodes?/, with: "N sessions, N znodes")
            .replacing(/"delta":\d+/, with: "\"delta\":N")
            .replacing(/0x[0-9a-f]+/, with: "0xN")
            .replacing(/\d+ znodes, (.*) read in [0-9.]+ s/) { "N znodes, \($0.1) read in N s" }
            // A provider that stops does both, one right behind the other.
            .replacing("its session was closed", with: "its znode was deleted")
        if command.hasPrefix("muster server status") {
            // A table, whose columns are as wide as their widest word.
            let words = fixed.split(separator: #/[ \n]+/#)
            return words.map { $0.wholeMatch(of: /[0-9.\/]+/) == nil ? $0 : "N" }
                .joined(separator: " ")
        }
        guard command.hasPrefix("dig ") else { return fixed }
        return fixed.split(separator: "\n").sorted().map { $0 + "\n" }.joined()
    }
}
