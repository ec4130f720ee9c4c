/// The options that one command of the shell knows, and how words are sorted by them.
///
/// Options may stand anywhere; those without a value may be joined (`-es`), a value may be joined to its
/// option (`-v3`, `-v=3`), and everything behind `--` is an argument, as in zkCli.sh 3.8. Errors are its
/// sentences too, with the names of its parser's exceptions.
struct ShellGrammar: Sendable {
    /// One option.
    struct Option: Sendable {
        let name: String
        let takesValue: Bool
        /// What it is in the list of a required group.
        let meaning: String
    }

    let options: [Option]
    /// True when only one of the options may be given.
    let isGroup: Bool
    /// True when one of the group has to be given.
    let isRequired: Bool

    /// Options that may be combined.
    init(flags: String = "", values: [String] = []) {
        options =
            flags.map { Option(name: String($0), takesValue: false, meaning: "") }
            + values.map { Option(name: $0, takesValue: true, meaning: "") }
        (isGroup, isRequired) = (false, false)
    }

    /// Options that exclude each other.
    init(group: [Option], isRequired: Bool) {
        (options, isGroup, self.isRequired) = (group, true, isRequired)
    }

    /// Sorts words; the command's own name stands first and is the first argument.
    ///
    /// - Throws: `ShellFailure` that names the option.
    func parse(_ words: [String]) throws(ShellFailure) -> ShellOptions {
        var sorted = ShellOptions()
        var open: Option?
        var isOnlyArguments = false
        for word in words {
            if isOnlyArguments {
                sorted.arguments.append(word)
            } else if word == "--" {
                isOnlyArguments = true
            } else if let option = open, isValue(word) {
                sorted.add(option.name, unquoted(word))
                open = nil
            } else if word.hasPrefix("-"), word != "-" {
                try take(word, &sorted, &open)
            } else {
                sorted.arguments.append(word)
            }
        }
        try requireValue(open)
        if isRequired, sorted.given.isEmpty {
            let names = options.map { "-\($0.name) \($0.meaning)" }.joined(separator: ", ")
            throw failure("MissingOption", "Missing required option: [\(names)]")
        }
        return sorted
    }

    // MARK: Words that begin with a dash

    private func take(
        _ word: String,
        _ sorted: inout ShellOptions,
        _ open: inout Option?
    ) throws(ShellFailure) {
        let bare = String(word.drop { $0 == "-" })
        guard !word.hasPrefix("--") else { throw unknown(word) }
        if let option = option(bare) {
            try give(option, &sorted, &open)
            return
        }
        if let equals = bare.firstIndex(of: "=") {
            guard let option = option(String(bare[..<equals])), option.name.count == 1,
                option.takesValue
            else { throw unknown(word) }
            try give(option, &sorted, &open)
            sorted.add(option.name, String(bare[bare.index(after: equals)...]))
            open = nil
            return
        }
        guard bare.count > 1 else { throw unknown(word) }
        try takeJoined(word, bare, &sorted, &open)
    }

    /// `-es`, `-sv5`: options of one letter, the last of which may take the rest as its value.
    private func takeJoined(
        _ word: String,
        _ letters: String,
        _ sorted: inout ShellOptions,
        _ open: inout Option?
    ) throws(ShellFailure) {
        var rest = letters[...]
        while let letter = rest.popFirst() {
            guard let option = option(String(letter)) else { throw unknown(word) }
            try give(option, &sorted, &open)
            guard option.takesValue, !rest.isEmpty else { continue }
            sorted.add(option.name, String(rest))
            open = nil
            return
        }
    }

    private func give(
        _ option: Option,
        _ sorted: inout ShellOptions,
        _ open: inout Option?
    ) throws(ShellFailure) {
        try requireValue(open)
        if isGroup, let other = sorted.given.first, other != option.name {
            throw failure(
                "AlreadySelected",
                "The option '\(option.name)' was specified but an option from this group has"
                    + " already been selected: '\(other)'"
            )
        }
        sorted.give(option.name)
        open = option.takesValue ? option : nil
    }

    private func requireValue(_ open: Option?) throws(ShellFailure) {
        guard let open else { return }
        throw failure("MissingArgument", "Missing argument for option: \(open.name)")
    }

    /// True when a word behind an option is its value and no option itself.
    private func isValue(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word != "-" else { return true }
        if Double(word) != nil { return true }
        let name = word.dropFirst().prefix { $0 != "=" }
        return option(String(name)) == nil && option(String(name.prefix(1))) == nil
    }

    private func option(_ name: String) -> Option? { options.first { $0.name == name } }

    private func unquoted(_ word: String) -> String {
        guard word.count > 1, word.first == "\"", word.last == "\"" else { return word }
        let inner = word.dropFirst().dropLast()
        return inner.contains("\"") ? word : String(inner)
    }

    private func unknown(_ word: String) -> ShellFailure {
        failure("UnrecognizedOption", "Unrecognized option: \(word)")
    }

    private func failure(_ kind: String, _ message: String) -> ShellFailure {
        ShellFailure("org.apache.commons.cli.\(kind)Exception: \(message)")
    }
}

/// The words of one command, sorted by its grammar.
struct ShellOptions: Sendable, Equatable {
    /// Arguments in order; the first is the command itself.
    var arguments: [String] = []
    /// Options in the order given.
    private(set) var given: [String] = []
    private var values: [String: String] = [:]

    /// True when the option was given.
    func has(_ name: String) -> Bool { given.contains(name) }

    /// The first value of an option; nil when it was not given.
    func value(_ name: String) -> String? { values[name] }

    mutating func give(_ name: String) { given.append(name) }

    mutating func add(_ name: String, _ value: String) {
        if values[name] == nil { values[name] = value }
    }
}
