import Synchronization
import TestSupport

/// Asks with dig, again and again, for names that have live providers all the time.
final class AnswerWitness: Sendable {
    private struct Seen {
        var answers = 0
        var faults: [String] = []
        var isOver = false
    }

    /// What is kept of what was wrong.
    private static let faultsMax = 20

    private let server: String
    private let names: [String]
    private let expected: Int
    private let seen = Mutex(Seen())

    /// Prepares the questions.
    ///
    /// - Parameters:
    ///   - server: `address:port`.
    ///   - names: Owner names, asked for A.
    ///   - expected: Addresses that each of them has.
    init(_ server: String, names: [String], expected: Int) {
        (self.server, self.names, self.expected) = (server, names, expected)
    }

    /// Answers that came.
    var answers: Int { seen.withLock(\.answers) }
    /// Answers that were not what live providers deserve.
    var faults: [String] { seen.withLock(\.faults) }

    /// Asks all names until `end`.
    func run() async {
        while !seen.withLock(\.isOver) {
            do { try await ask() } catch { add("dig: \(error)") }
        }
    }

    /// No further round of questions.
    func end() { seen.withLock { $0.isOver = true } }

    private func ask() async throws {
        let parts = server.split(separator: ":")
        var words = ["dig", "@\(parts[0])", "-p", "\(parts[1])", "+tries=2", "+time=5"]
        for name in names { words += [name, "A"] }
        let output = try await Program.run(words).output
        var (status, count) = ("", 0)
        for line in output.split(separator: "\n") {
            if let range = line.firstRange(of: "status: ") {
                status = String(line[range.upperBound...].prefix { $0 != "," })
                count += 1
            } else if let range = line.firstRange(of: "ANSWER: ") {
                let number = line[range.upperBound...].prefix { $0 != "," }
                if status != "NOERROR" || Int(number) != expected {
                    add("\(status) with \(number) answers:\n\(output)")
                }
            }
        }
        if count != names.count { add("\(count) of \(names.count) answers:\n\(output)") }
        seen.withLock { $0.answers += count }
    }

    private func add(_ fault: String) {
        seen.withLock { if $0.faults.count < Self.faultsMax { $0.faults.append(fault) } }
    }
}
