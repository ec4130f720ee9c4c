import Runtime
import ServiceModel

/// Which sessions live, by the word `dump` of the servers that answer it.
///
/// A server may lag behind the others, so a session that any of them knows is alive.
struct SessionCensus: Equatable, Sendable {
    private(set) var sessions: Set<Int64> = []
    /// Servers whose list is in it.
    private(set) var answered: [String] = []
    /// Why there is nothing of the others.
    private(set) var refusals: [String] = []

    /// True when at least one server said whom it knows.
    var isKnown: Bool { !answered.isEmpty }

    /// Adds what a server answered to `dump`.
    mutating func add(_ server: String, _ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first == "SessionTracker dump:" else {
            let isListed = text.contains("not in the whitelist")
            refusals.append(
                isListed
                    ? "dump is not in the whitelist of \(server): add it to 4lw.commands.whitelist"
                    : "\(server) does not say which sessions it has"
            )
            return
        }
        guard let end = lines.firstIndex(where: { $0.hasPrefix("ephemeral nodes dump:") }) else {
            refusals.append("the sessions of \(server) do not fit its answer to dump")
            return
        }
        answered.append(server)
        // Alone: below the time at which they expire. In an ensemble: each with its timeout behind it.
        for word in lines[..<end].joined(separator: " ").split(whereSeparator: \.isWhitespace)
        where word.hasPrefix("0x") {
            let digits = word.dropFirst(2).prefix { $0.isHexDigit }
            guard let bits = UInt64(digits, radix: 16) else { continue }
            sessions.insert(Int64(bitPattern: bits))
        }
    }

    /// Notes that a server could not be asked.
    mutating func add(_ server: String, unreachable reason: String) {
        refusals.append("\(server) was not asked for its sessions: \(reason)")
    }
}

extension CommandContext {
    /// Asks all servers of a connect string which sessions they know.
    func census(of connectString: String) async -> SessionCensus {
        let hosts = connectString.prefix { $0 != "/" }.split(separator: ",").map(String.init)
        let answers = await withTaskGroup(of: (String, WordQuestion.Answer).self) { group in
            for host in hosts.prefix(Limits.serversAskedMax) {
                group.addTask { (host, await dump(host)) }
            }
            var answers: [(String, WordQuestion.Answer)] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        var census = SessionCensus()
        for (host, answer) in answers.sorted(by: { $0.0 < $1.0 }) {
            switch answer {
            case .text(let text): census.add(host, text)
            case .silent: census.add(host, unreachable: "it does not answer in time")
            case .unreachable(let reason): census.add(host, unreachable: reason)
            }
        }
        return census
    }

    private func dump(_ host: String) async -> WordQuestion.Answer {
        let behind = host.split(separator: "]", omittingEmptySubsequences: false).last ?? ""
        do throws(RuntimeError) {
            let named = behind.contains(":") ? host : host + ":2181"
            let addresses = try await Resolver.shared.resolve(named)
            let deadline = EventLoop.monotonicNow() + Limits.sessionsTime
            var last = WordQuestion.Answer.unreachable("it has no address")
            for address in addresses {
                last = await WordQuestion(loop: loop).ask("dump", address, deadline: deadline)
                if case .text = last { return last }
            }
            return last
        } catch {
            return .unreachable("\(error)")
        }
    }
}
