/// Finds a subcommand by the words a user typed, and says what was meant when there is none.
public struct CommandTable: Sendable {
    /// Every subcommand's full name without the program, in the order of the overview.
    public let names: [String]

    /// Creates a table of names such as `status` and `service ls`.
    public init(_ names: [String]) { self.names = names }

    /// The command that the first words name.
    ///
    /// - Parameter words: The command line behind the program's name.
    /// - Returns: The longest name that the words begin with, and the words behind it.
    /// - Throws: `FlagsError` that lists what could have been meant.
    public func find(
        _ words: [String]
    ) throws(FlagsError) -> (name: String, rest: ArraySlice<String>) {
        for length in stride(from: min(words.count, wordsMax), through: 1, by: -1) {
            let name = words[..<length].joined(separator: " ")
            if names.contains(name) { return (name, words[length...]) }
        }
        throw FlagsError(explanation(words))
    }

    private var wordsMax: Int { names.map { $0.split(separator: " ").count }.max() ?? 0 }

    private func explanation(_ words: [String]) -> String {
        let noun = words[0]
        let verbs = names.filter { $0.hasPrefix(noun + " ") }.map { $0.dropFirst(noun.count + 1) }
        if !verbs.isEmpty {
            return "'\(noun)' needs one of: " + verbs.joined(separator: ", ")
        }
        let firsts = names.compactMap { $0.split(separator: " ").first.map(String.init) }
        guard let nearest = Spelling.nearest(to: noun, among: firsts, within: 2) else {
            return "no command '\(noun)'"
        }
        return "no command '\(noun)'; did you mean '\(nearest)'?"
    }
}
