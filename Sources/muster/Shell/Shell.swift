import Runtime
import Synchronization
import ZooKeeperClient

/// The shell: takes lines one after the other, and keeps what outlives them.
///
/// Step of the data flow: between the lines of a terminal, a script or the command line and the runner
/// of commands. It owns the session, the numbered lines for `history` and `redo`, and whether events are
/// printed. Sessions are run by whoever reads `sessions`.
actor Shell {
    /// How sessions are made.
    struct Setup: Sendable {
        let loop: EventLoop
        /// Timeout asked for.
        let timeout: Duration
        /// Connect string of the first session.
        let server: String
        /// A server that is read-only will do.
        let allowsReadOnly: Bool
    }

    /// Sessions to be run until they are closed.
    nonisolated let sessions: AsyncStream<ZooKeeperSession>
    private let sessionsInput: AsyncStream<ZooKeeperSession>.Continuation
    private let setup: Setup
    private let screen: ShellScreen
    private let prompt: ShellPrompt
    private let printsWatches = Flag()
    private var server: String
    private var session: ZooKeeperSession?
    private var connection: ShellConnection?
    /// Lines by number; those before `Limits.shellCommandsKept` ago are gone.
    private var lines: [Int: String] = [:]
    /// The number of the line that is carried out or comes next.
    private var number = 0
    /// The status of the last command.
    private(set) var status: Int32 = 0

    final class Flag: Sendable {
        private let value = Mutex(true)
        var isOn: Bool { value.withLock { $0 } }
        func set(_ new: Bool) { value.withLock { $0 = new } }
    }

    /// A shell without a session.
    ///
    /// - Parameters:
    ///   - setup: How sessions are made.
    ///   - screen: Where text goes.
    ///   - prompt: Told whenever a part of it changes.
    init(_ setup: Setup, screen: ShellScreen, prompt: ShellPrompt) {
        (self.setup, self.screen, self.prompt) = (setup, screen, prompt)
        server = setup.server
        (sessions, sessionsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16))
    }

    // MARK: Sessions

    /// Closes the session, if any, and starts one with a server.
    ///
    /// - Throws: `ShellFailure` for a text that is no connect string; the old session stays.
    func connect(_ newServer: String) async throws(ShellFailure) {
        var configuration: SessionConfiguration
        do throws(ZooKeeperError) {
            configuration = try SessionConfiguration(
                connectString: newServer,
                sessionTimeout: setup.timeout
            )
        } catch {
            throw ShellFailure(error.message)
        }
        configuration.allowsReadOnly = setup.allowsReadOnly
        await close()
        server = newServer
        let new = ZooKeeperSession(loop: setup.loop, configuration: configuration)
        let connection = ShellConnection(prompt: prompt) { [screen, printsWatches] event in
            if printsWatches.isOn, let block = EventText.block(event) { screen.out(block) }
        }
        prompt.set(server: newServer)
        await new.attach { connection.take($0) }
        (session, self.connection) = (new, connection)
        sessionsInput.yield(new)
    }

    /// Ends the session; its ephemerals go at once.
    func close() async {
        guard let session, connection?.isAlive == true else { return }
        await session.close()
    }

    /// Ends the session, without a word about it, and `sessions`.
    func end() async {
        printsWatches.set(false)
        await close()
        sessionsInput.finish()
    }

    // MARK: Lines

    /// Carries a line out and counts it; empty ones are passed over.
    ///
    /// - Returns: False when the shell is to end.
    func take(_ line: String) async -> Bool {
        let words = ShellWords.split(line)
        guard !words.isEmpty else { return true }
        lines[number] = line
        lines[number - Limits.shellCommandsKept] = nil
        let goesOn = await run(words)
        number += 1
        prompt.set(number: number)
        return goesOn
    }

    /// Carries words out as one command, and sets `status`.
    ///
    /// - Returns: False when the shell is to end.
    func run(_ words: [String]) async -> Bool {
        do throws(ShellFailure) {
            let goesOn = try await perform(words)
            status = 0
            return goesOn
        } catch {
            if !error.message.isEmpty { screen.err(error.message) }
            status = error.status
            return true
        }
    }

    /// What children there are, for completion; none when that cannot be known now.
    func children(of path: String) async -> [String] {
        guard let session, connection?.isAlive == true else { return [] }
        do throws(ZooKeeperError) {
            return try await session.getChildren(path)
        } catch {
            return []
        }
    }

    private func perform(_ words: [String]) async throws(ShellFailure) -> Bool {
        let verb = ShellVerb.all.first { $0.name == words[0] }
        let isOurs = ShellVerb.sessionVerbs.contains { $0.name == words[0] }
        let isOffline = isOurs || words[0] == "printwatches"
        guard verb == nil || isOffline || connection?.isAlive == true else {
            screen.out("Not connected")
            return true
        }
        let parsed = try ShellVerb.command(words)
        for notice in parsed.notices { screen.err(notice) }
        switch parsed.command {
        case .quit:
            await close()
            return false
        case .redo(let text?): return try await redo(text)
        default: try await perform(parsed.command)
        }
        return true
    }

    private func perform(_ command: ShellCommand) async throws(ShellFailure) {
        switch command {
        case .help:
            screen.err(ShellVerb.usageText)
            return
        case .history: showHistory()
        case .printWatches(let new?): printsWatches.set(new)
        case .printWatches(nil):
            screen.out("printwatches is " + (printsWatches.isOn ? "on" : "off"))
        case .connect(let text):
            try await connect(text ?? server)
            return
        default: break
        }
        guard let session, connection?.isAlive == true else {
            screen.out("Not connected")
            return
        }
        switch command {
        case .close: await close()
        case .version: screen.out("ZooKeeper CLI version: \(ShellVersion.text)")
        default:
            let flag = printsWatches
            let runner = ShellRunner(session: session, screen: screen) { flag.isOn }
            try await runner.run(command)
        }
    }

    private func showHistory() {
        for line in max(0, number - Limits.shellHistoryShown)...number {
            screen.out("\(line) - \(lines[line] ?? "null")")
        }
    }

    /// Carries an earlier line out again, which takes this line's place in the history.
    private func redo(_ text: String) async throws(ShellFailure) -> Bool {
        guard let wanted = Int(text) else {
            throw ShellFailure("redo takes the number of a line: \(text)")
        }
        guard wanted >= 0, wanted < number, let line = lines[wanted] else {
            throw ShellFailure("Command index out of range")
        }
        let words = ShellWords.split(line)
        guard words.first != "redo" else { throw ShellFailure("No redoing redos") }
        lines[number] = line
        return try await perform(words)
    }
}
