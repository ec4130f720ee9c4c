import Foundation
import TestSupport
import Testing
import ZooKeeperProtocol

/// A `musterd` with a data directory that is ended, killed and started again on the same port.
final class CrashedDaemon {
    let directory: TemporaryDirectory
    let port: UInt16
    /// What stands in front of the program's own words.
    private let wrapper: [String]
    private let settings: [String]
    private(set) var program: SpawnedProgram?

    /// Prepares a daemon with a folder of its own.
    ///
    /// - Parameters:
    ///   - directory: Its data directory, a new one when nil.
    ///   - wrapper: Words in front of the program.
    ///   - settings: As `--set` takes them.
    /// - Throws: When there is no free port, or no folder can be made.
    init(
        in directory: TemporaryDirectory? = nil,
        wrapper: [String] = [],
        settings: [String] = []
    ) throws {
        self.directory = try directory ?? TemporaryDirectory()
        port = try ZooKeeperServer.freePort()
        (self.wrapper, self.settings) = (wrapper, settings)
    }

    /// `127.0.0.1:port` of the registry.
    var registry: String { "127.0.0.1:\(port)" }
    /// The control socket.
    var control: String { directory.path + "/control.sock" }
    /// `address:port` of DNS, as the last start has said.
    var dns: String { value("dns") }
    /// Everything that the last process has logged.
    var errors: String { program?.output ?? "" }

    /// The command line, and what is to be done besides serving.
    func words(_ more: String...) -> [String] {
        var words = wrapper + [Checkout.program("musterd"), "--data", directory.path] + more
        for setting in [
            "registry.listen=\(registry)", "dns.listen=127.0.0.1:0", "console.listen=127.0.0.1:0",
        ] + settings { words += ["--set", setting] }
        return words
    }

    /// Starts a process without waiting for anything.
    func begin() throws {
        program = try SpawnedProgram(words(), output: directory.path + ".log")
    }

    /// Starts a process and waits until it serves.
    func start() async throws {
        try begin()
        guard let program else { return }
        let isReady = await eventually {
            program.output.contains("\nready\n") || !program.isRunning
        }
        try #require(isReady && program.isRunning, "musterd did not start:\n\(program.output)")
    }

    /// Ends the process without a word.
    func kill() async {
        program?.signal(SIGKILL)
        _ = await program?.wait()
    }

    /// Ends the process in order.
    ///
    /// - Returns: Its exit status; nil when there was none.
    func stop() async -> Int32? {
        program?.signal(SIGTERM)
        return await program?.wait()
    }

    /// Runs the command-line tool against it.
    func muster(_ words: String...) async throws -> Program.Outcome {
        try await Program.run(
            [Checkout.program("muster")] + words,
            environment: ["MUSTER_CONTROL": control]
        )
    }

    /// A client with a new session.
    func client() throws -> BlockingClient {
        let client = try #require(BlockingClient(port: port))
        let made = try client.handshake(ConnectRequest(timeoutMilliseconds: 40_000))
        try #require(made?.isRefusal == false)
        return client
    }

    private func value(_ key: String) -> String {
        for line in (program?.output ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == Substring(key), words.count > 1 { return String(words[1]) }
        }
        return ""
    }
}
