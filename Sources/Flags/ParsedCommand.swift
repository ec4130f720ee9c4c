/// The words of one command line, sorted by a `CommandSyntax`.
public struct ParsedCommand: Sendable, Equatable {
    private var switches: Set<String> = []
    private var valuesByName: [String: [String]] = [:]
    /// Positional arguments in order; optional ones may be missing at the end.
    public private(set) var arguments: [String] = []
    /// True when `--help` or `-h` was among the words; nothing else is checked then.
    public private(set) var wantsHelp = false

    /// Sorts words by a syntax.
    ///
    /// `--name=value` and `--name value` mean the same; after `--` everything is an argument.
    ///
    /// - Parameters:
    ///   - words: The command line behind the command's name.
    ///   - syntax: What is accepted.
    /// - Throws: `FlagsError` that names the offending word.
    public init(_ words: some Collection<String>, by syntax: CommandSyntax) throws(FlagsError) {
        var rest = Array(words)[...]
        var onlyArguments = false
        while let word = rest.popFirst() {
            if !onlyArguments, word == "--" {
                onlyArguments = true
            } else if !onlyArguments, word == "--help" || word == "-h" {
                wantsHelp = true
                return
            } else if !onlyArguments, word.hasPrefix("-"), word.count > 1 {
                try takeOption(word, &rest, syntax)
            } else {
                arguments.append(word)
            }
        }
        try checkArguments(syntax)
    }

    /// True when the switch was given.
    public func has(_ name: String) -> Bool { switches.contains(name) }

    /// The option's value, nil when it was not given.
    public func value(_ name: String) -> String? { valuesByName[name]?.last }

    /// All values of a repeated option, in order.
    public func values(_ name: String) -> [String] { valuesByName[name] ?? [] }

    /// The option's value as a whole number.
    ///
    /// - Parameters:
    ///   - name: Long name of the option.
    ///   - range: What is accepted.
    /// - Returns: Nil when the option was not given.
    /// - Throws: `FlagsError` for anything but a number in the range.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(FlagsError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw FlagsError(
                "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound),"
                    + " not '\(text)'"
            )
        }
        return number
    }

    private mutating func takeOption(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ syntax: CommandSyntax
    ) throws(FlagsError) {
        let parts = word.drop { $0 == "-" }.split(
            separator: "=",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let name = String(parts.first ?? "")
        guard word.hasPrefix("--"), let option = syntax.options.first(where: { $0.name == name })
        else { throw FlagsError("\(syntax.name) has no option '\(word)'") }
        guard option.repeats || (!has(name) && value(name) == nil) else {
            throw FlagsError("--\(name) is given twice")
        }
        if option.value == nil {
            guard parts.count == 1 else { throw FlagsError("--\(name) takes no value") }
            switches.insert(name)
        } else if parts.count == 2 {
            valuesByName[name, default: []].append(String(parts[1]))
        } else if let value = rest.popFirst() {
            valuesByName[name, default: []].append(value)
        } else {
            throw FlagsError("--\(name) needs a value: --\(name) \(option.value ?? "")")
        }
    }

    private func checkArguments(_ syntax: CommandSyntax) throws(FlagsError) {
        let required = syntax.arguments.filter { !$0.isOptional }.count
        if arguments.count < required {
            throw FlagsError("\(syntax.name) needs \(syntax.arguments[arguments.count].name)")
        }
        let takesRest = syntax.arguments.last?.takesRest ?? false
        if !takesRest, arguments.count > syntax.arguments.count {
            throw FlagsError(
                "\(syntax.name) does not know what to do with '\(arguments[syntax.arguments.count])'"
            )
        }
    }
}

/// A command line that cannot be understood; the message names the offending word.
public struct FlagsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One clause for the person at the terminal.
    public let message: String

    /// Creates the error.
    public init(_ message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}
