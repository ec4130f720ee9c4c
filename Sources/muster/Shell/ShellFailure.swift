/// A command of the shell that failed: the sentence that zkCli prints, and its exit status.
struct ShellFailure: Error, Equatable, Sendable {
    /// What is printed to standard error; several lines are possible.
    let message: String
    /// Exit status when the command stood on the command line.
    let status: Int32

    /// A failure; zkCli's status is 1 for all but unknown commands.
    init(_ message: String, status: Int32 = 1) { (self.message, self.status) = (message, status) }
}
