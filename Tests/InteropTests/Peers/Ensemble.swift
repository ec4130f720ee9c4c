import Foundation
import Synchronization
import TestSupport
import Testing

/// Three of Debian's ZooKeeper 3.8 as one ensemble, on free ports of loopback, for tests of faults.
///
/// Servers go by their numbers, 1 to 3, as in `server.N`. Ports and data stay theirs over a kill and a
/// new start. Everything ends with the value.
final class Ensemble: Sendable {
    /// What the test made of a server.
    enum Condition: Equatable {
        case running
        /// Stopped by SIGSTOP: its connections stay open, and nobody answers on them.
        case frozen
        /// Ended by SIGKILL.
        case dead
    }

    private struct Server {
        let program: Program
        var condition: Condition
    }

    /// The servers' numbers.
    static let numbers = [1, 2, 3]

    /// `address:port` for clients, by number.
    let addresses: [Int: String]
    private let directory: TemporaryDirectory
    private let javaProperties: [String]
    private let cutOffLines: String
    private let servers = Mutex<[Int: Server]>([:])

    /// Starts three servers and waits until they follow one leader.
    ///
    /// - Parameters:
    ///   - host: Address of this machine at which clients are served; the servers talk on loopback.
    ///   - tickMilliseconds: Two to twenty of them are a session's timeout; a silent server is given up
    ///     after four.
    ///   - longestTimeoutMilliseconds: Longest session timeout that is granted.
    ///   - javaProperties: Such as `zookeeper.extendedTypesEnabled=true`.
    ///   - words: The four-letter words that are answered.
    ///   - settings: Further lines of each server's zoo.cfg, such as `localSessionsEnabled=true`.
    /// - Throws: What says why there is no leader.
    init(
        host: String = "127.0.0.1",
        tickMilliseconds: Int = 500,
        longestTimeoutMilliseconds: Int = 60_000,
        javaProperties: [String] = [],
        words: String = "*",
        settings: [String] = []
    ) async throws {
        directory = try TemporaryDirectory()
        self.javaProperties = javaProperties
        // The last six are for servers that are cut off.
        let ports = try Self.freePorts(5 * Self.numbers.count)
        let lines = Self.serverLines(ports[0..<6])
        cutOffLines = Self.serverLines(ports[9..<15])
        var addresses: [Int: String] = [:]
        for number in Self.numbers {
            let port = ports[5 + number]
            addresses[number] = "\(host):\(port)"
            let folder = "\(directory.path)/\(number)"
            let manager = FileManager.default
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: false)
            _ = try directory.write("\(number)/myid", "\(number)\n")
            _ = try directory.write(
                "zk\(number).cfg",
                """
                tickTime=\(tickMilliseconds)
                initLimit=40
                syncLimit=4
                dataDir=\(folder)
                clientPort=\(port)
                clientPortAddress=\(host)
                maxSessionTimeout=\(longestTimeoutMilliseconds)
                maxClientCnxns=0
                admin.enableServer=false
                4lw.commands.whitelist=\(words)
                \((settings + [lines]).joined(separator: "\n"))

                """
            )
        }
        self.addresses = addresses
        for number in Self.numbers { try start(number) }
        try await waitForLeader()
    }

    deinit { servers.withLock { for server in $0.values { server.program.signal(SIGKILL) } } }

    /// All three, as clients take it.
    var connectString: String { Self.numbers.map { address($0) }.joined(separator: ",") }

    /// `address:port` of one server for clients.
    func address(_ number: Int) -> String { addresses[number] ?? "" }

    /// What the test made of a server.
    func condition(_ number: Int) -> Condition {
        servers.withLock { $0[number]?.condition ?? .dead }
    }

    /// `leader`, `follower`, `read-only`, or nil for a server that serves nobody.
    func mode(_ number: Int) -> String? {
        guard condition(number) == .running else { return nil }
        let lines = FourLetterWord.ask(address(number), "srvr")?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("Mode: ") }.map { String($0.dropFirst(6)) }
    }

    /// The number of the one that leads; nil when none does, or two say so.
    var leader: Int? {
        let leaders = Self.numbers.filter { mode($0) == "leader" }
        return leaders.count == 1 ? leaders[0] : nil
    }

    /// The numbers of those that run and do not lead.
    var followers: [Int] { Self.numbers.filter { mode($0) == "follower" } }

    /// Waits until all running servers follow one of them.
    ///
    /// - Parameter limit: When to give up.
    /// - Returns: Who leads.
    /// - Throws: What says how each server is.
    @discardableResult
    func waitForLeader(within limit: Duration = .seconds(90)) async throws -> Int {
        var found: Int?
        _ = await eventually(within: limit) {
            // One look at each: a leader that was frozen says so until it hears of the new one.
            let modes = Self.numbers.filter { condition($0) == .running }.map { ($0, mode($0)) }
            let leaders = modes.filter { $0.1 == "leader" }
            guard modes.allSatisfy({ $0.1 != nil }), leaders.count == 1 else { return false }
            found = leaders[0].0
            return true
        }
        let state = Self.numbers.map { number in
            let output = servers.withLock { $0[number].map { $0.program.errors.suffix(2_000) } }
            return "\(number): \(condition(number)) \(mode(number) ?? "-") \(output ?? "")"
        }
        return try #require(found, "no leader:\n\(state.joined(separator: "\n"))")
    }

    // MARK: Faults

    /// Ends a server as a crash does (SIGKILL); returns when the process is gone.
    func kill(_ number: Int) async {
        let program = servers.withLock { servers in
            servers[number]?.condition = .dead
            return servers[number]?.program
        }
        program?.signal(SIGKILL)
        _ = await program?.wait()
    }

    /// Stops a server where it stands (SIGSTOP): it keeps its connections and answers nobody.
    func freeze(_ number: Int) { signal(SIGSTOP, number, .frozen) }

    /// Lets a frozen server go on (SIGCONT).
    func thaw(_ number: Int) { signal(SIGCONT, number, .running) }

    /// Starts a server that was killed, with the ports and the data that it had.
    ///
    /// It joins its ensemble by itself; `waitForLeader` waits for that.
    ///
    /// - Throws: When it runs already, or cannot be started.
    func start(_ number: Int) throws { try start(number, "zk\(number).cfg") }

    /// Starts a server that was killed so that it and the others never meet again.
    ///
    /// It looks for them, and they for it, at ports where nobody listens; clients find it where it was.
    ///
    /// - Throws: When it runs already, or cannot be started.
    func startCutOff(_ number: Int) throws {
        let whole = try String(contentsOfFile: "\(directory.path)/zk\(number).cfg", encoding: .utf8)
        let others = whole.split(separator: "\n").filter { !$0.hasPrefix("server.") }
        let text = others.joined(separator: "\n") + "\n" + cutOffLines + "\n"
        _ = try directory.write("cut\(number).cfg", text)
        try start(number, "cut\(number).cfg")
    }

    private func start(_ number: Int, _ file: String) throws {
        try #require(condition(number) == .dead, "server \(number) runs already")
        let program = try Program(
            [
                // Started soon, rather than fast after an hour; two cores serve three of them.
                "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m",
                "-Dfile.encoding=UTF-8", "-cp", "/usr/share/java/zookeeper.jar",
            ] + javaProperties.map { "-D" + $0 } + [
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                "\(directory.path)/\(file)",
            ]
        )
        servers.withLock { $0[number] = Server(program: program, condition: .running) }
    }

    private func signal(_ signal: Int32, _ number: Int, _ condition: Condition) {
        servers.withLock { servers in
            guard servers[number]?.condition != .dead else { return }
            servers[number]?.program.signal(signal)
            servers[number]?.condition = condition
        }
    }

    /// Each server's line, of two ports a server.
    private static func serverLines(_ ports: ArraySlice<UInt16>) -> String {
        numbers.map { number in
            let first = ports.startIndex + 2 * (number - 1)
            return "server.\(number)=127.0.0.1:\(ports[first]):\(ports[first + 1])"
        }.joined(separator: "\n")
    }

    private static func freePorts(_ count: Int) throws -> [UInt16] {
        var ports: Set<UInt16> = []
        while ports.count < count { ports.insert(try ZooKeeperServer.freePort()) }
        return Array(ports)
    }
}
