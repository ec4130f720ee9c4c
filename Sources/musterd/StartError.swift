/// Why a daemon with a good configuration could not start, and what to do.
struct StartError: Error, CustomStringConvertible {
    /// One sentence.
    let message: String

    /// The sentence alone, for the log.
    var description: String { message }
}
