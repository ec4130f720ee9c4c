/// What one command accepts: its options and arguments, from which parsing and help are derived.
///
/// Step of the data flow: between the shell's words and a command's typed values. Both programs and
/// every subcommand have one, so that help can never differ from what is accepted.
public struct CommandSyntax: Sendable, Equatable {
    /// A named option: `--name`, or `--name VALUE`.
    public struct Option: Sendable, Equatable {
        /// Long name without dashes.
        public let name: String
        /// Word for its value in help texts; nil for a switch.
        public let value: String?
        /// One line of help.
        public let help: String
        /// True when it may be given more than once.
        public let repeats: Bool

        /// A switch without a value.
        public static func flag(_ name: String, _ help: String) -> Option {
            Option(name: name, value: nil, help: help, repeats: false)
        }

        /// An option with a value.
        public static func value(
            _ name: String,
            _ value: String,
            _ help: String,
            repeats: Bool = false
        ) -> Option {
            Option(name: name, value: value, help: help, repeats: repeats)
        }
    }

    /// A positional argument.
    public struct Argument: Sendable, Equatable {
        /// Word for it in help texts and errors, upper case.
        public let name: String
        /// One line of help.
        public let help: String
        /// True when it may be left out; only the last ones may.
        public let isOptional: Bool
        /// True when it takes all words that are left; only the last one may.
        public let takesRest: Bool

        /// Creates a required argument, unless said otherwise.
        public init(
            _ name: String,
            _ help: String,
            isOptional: Bool = false,
            takesRest: Bool = false
        ) {
            (self.name, self.help) = (name, help)
            (self.isOptional, self.takesRest) = (isOptional, takesRest)
        }
    }

    /// Full command as typed: `muster service ls`.
    public let name: String
    /// One line: what it does.
    public let summary: String
    /// Options in the order of the help text; `--help` is understood besides.
    public let options: [Option]
    /// Positional arguments in order.
    public let arguments: [Argument]
    /// Paragraphs below the lists, ready to print; empty for none.
    public let discussion: String

    /// Creates a syntax.
    public init(
        _ name: String,
        _ summary: String,
        options: [Option] = [],
        arguments: [Argument] = [],
        discussion: String = ""
    ) {
        (self.name, self.summary, self.options) = (name, summary, options)
        (self.arguments, self.discussion) = (arguments, discussion)
    }
}

extension CommandSyntax {
    /// One line that shows everything: `muster znode get PATH [--json]`.
    public var usage: String {
        var words = [name]
        for argument in arguments {
            let word = argument.takesRest ? argument.name + " ..." : argument.name
            words.append(argument.isOptional ? "[\(word)]" : word)
        }
        for option in options {
            let word = "--" + option.name + (option.value.map { " " + $0 } ?? "")
            words.append(option.repeats ? "[\(word)]..." : "[\(word)]")
        }
        return words.joined(separator: " ")
    }

    /// The whole help text, ending in a line feed.
    public var help: String {
        var rows: [(String, String)] = arguments.map { ($0.name, $0.help) }
        for option in options {
            rows.append(("--" + option.name + (option.value.map { " " + $0 } ?? ""), option.help))
        }
        let width = rows.map(\.0.count).max() ?? 0
        var text = "\(summary)\n\nusage: \(usage)\n"
        if !rows.isEmpty { text += "\n" }
        for (left, right) in rows {
            text +=
                "  " + left + String(repeating: " ", count: width - left.count + 2) + right + "\n"
        }
        if !discussion.isEmpty { text += "\n" + discussion + "\n" }
        return text
    }
}
