/// One thing that is wrong with a `zoo.cfg`, or with several of them together.
struct ZooCfgFinding: Encodable, Equatable, Sendable {
    /// How bad it is.
    enum Severity: String, Encodable, Sendable {
        /// ZooKeeper does not start, or does something else than what stands there.
        case error
        /// It runs, and somebody will be sorry.
        case warning
    }

    /// Path as it was given.
    let file: String
    /// Line in it, from 1; nil for what is about the file as a whole.
    let line: Int?
    let severity: Severity
    /// The key, or what stands in its place in a sentence.
    let key: String
    /// What is wrong, a clause.
    let message: String
    /// What to do about it; nil where the message says it all.
    let advice: String?

    /// `zoo.cfg:3: error: initLimit: ...`, and the advice in a line of its own.
    var text: String {
        let place = line.map { "\(file):\($0)" } ?? file
        let head = "\(place): \(severity.rawValue): \(key): \(message)"
        return advice.map { head + "\n  " + $0 } ?? head
    }
}
