/// How a command ended, as scripts see it; `muster help exit-codes` prints this list.
enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Done.
    case success = 0
    /// The command failed for a reason that its message gives.
    case failure = 1
    /// The command line was not understood.
    case usage = 2
    /// Neither daemon nor registry could be reached.
    case unreachable = 3
    /// What was asked for does not exist.
    case notFound = 4
    /// The registry refused it: wrong version, not empty, no permission, exists already.
    case refused = 5

    /// One line for the manual.
    var meaning: String {
        switch self {
        case .success: "done"
        case .failure: "failed; the message says why"
        case .usage: "the command line was not understood"
        case .unreachable: "neither daemon nor registry could be reached"
        case .notFound: "what was asked for does not exist"
        case .refused: "the registry refused it (version, not empty, permission, exists)"
        }
    }
}

/// A command that could not be carried out: what happened, and what to do next.
struct CommandFailure: Error, Sendable {
    /// Exit status of the program.
    let status: ExitStatus
    /// One sentence: what happened and where.
    let message: String
    /// What to do next; empty when the message says it all.
    let advice: String

    /// Creates a failure.
    init(_ status: ExitStatus, _ message: String, advice: String = "") {
        (self.status, self.message, self.advice) = (status, message, advice)
    }
}
