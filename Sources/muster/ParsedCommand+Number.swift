import Flags

extension ParsedCommand {
    /// The option's value as a whole number, its fault as a usage failure.
    ///
    /// - Parameters:
    ///   - name: Long name of the option.
    ///   - range: What is accepted.
    /// - Returns: Nil when the option was not given.
    /// - Throws: `CommandFailure` with status `usage`.
    func number(_ name: String, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        do throws(FlagsError) {
            return try integer(name, in: range)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }
}
