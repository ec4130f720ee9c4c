import ZooKeeperProtocol

/// What can follow the text before the cursor, as zkCli completes: commands, and paths from the server.
enum ShellCompletion {
    /// What has to be known to complete a text.
    enum Question: Equatable {
        case command(prefix: String)
        /// Children of a znode whose names begin so.
        case child(of: String, prefix: String)
    }

    /// What is done about it.
    struct Answer: Equatable {
        /// What is inserted at the cursor.
        var insert = ""
        /// What is shown to choose from; empty when nothing is ambiguous.
        var choices: [String] = []
    }

    /// The question behind a text: a last word that begins with a slash is a path.
    static func question(_ before: String) -> Question {
        let token = before.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
        guard token.hasPrefix("/"), let slash = token.lastIndex(of: "/") else {
            return .command(prefix: String(token))
        }
        let parent = slash == token.startIndex ? ZNodePath.root : String(token[..<slash])
        return .child(of: parent, prefix: String(token[token.index(after: slash)...]))
    }

    /// The commands that begin so.
    static func commands(_ prefix: String) -> Answer {
        answer(ShellVerb.all.filter(\.isListed).map(\.name), prefix, end: " ")
    }

    /// The names that begin so.
    static func children(_ names: [String], _ prefix: String) -> Answer {
        answer(names.sorted(by: ShellText.isBefore), prefix, end: "")
    }

    /// Inserts what all candidates share; of several that share no more, shows them.
    private static func answer(_ all: [String], _ prefix: String, end: String) -> Answer {
        let candidates = all.filter { $0.hasPrefix(prefix) }
        guard let first = candidates.first else { return Answer() }
        guard candidates.count > 1 else {
            return Answer(insert: String(first.dropFirst(prefix.count)) + end)
        }
        let shared = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        guard shared.count == prefix.count else {
            return Answer(insert: String(shared.dropFirst(prefix.count)))
        }
        let shown = candidates.prefix(Limits.shellCompletionsShownMax)
        let rest = candidates.count - shown.count
        return Answer(choices: shown + (rest > 0 ? ["(and \(rest) more)"] : []))
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
