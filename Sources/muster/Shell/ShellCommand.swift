import ZooKeeperProtocol

/// A command of the shell, understood but not carried out.
///
/// Step of the data flow: words become one of these, families of commands carry them out, and their
/// results become text again. Paths are as typed: those that break the rules fail when carried out.
enum ShellCommand: Equatable, Sendable {
    // The shell itself.
    case help
    case quit
    case close
    /// The server to go to; nil for the present one.
    case connect(String?)
    case history
    /// The number as typed; nil when none was given.
    case redo(String?)
    /// What to set; nil to ask.
    case printWatches(Bool?)
    case version
    // Znodes.
    case create(path: String, data: [UInt8]?, acl: [ACL]?, mode: CreateMode, ttl: Int64?)
    case delete(path: String, version: Int32)
    case deleteAll(path: String, batch: Int)
    case get(path: String, hasStat: Bool, watch: Bool)
    case set(path: String, data: [UInt8], version: Int32, hasStat: Bool)
    case list(path: String, hasStat: Bool, watch: Bool, isRecursive: Bool)
    case stat(path: String, watch: Bool)
    case sync(path: String)
    case countDescendants(path: String)
    /// A prefix of paths; nil for all.
    case ephemerals(String?)
    // Access.
    case addAuth(scheme: String, credential: [UInt8])
    case whoAmI
    case getACL(path: String, hasStat: Bool)
    case setACL(path: String, acl: [ACL], version: Int32, hasStat: Bool, isRecursive: Bool)
    // Quotas.
    case setQuota(path: String, limits: QuotaText)
    case listQuota(path: String)
    /// The keys to take back; empty for the whole quota.
    case deleteQuota(path: String, keys: [String])
    // Watches.
    case addWatch(path: String, mode: AddWatchRequest.Mode)
    case removeWatches(path: String, kind: WatcherRequest.Kind, isLocalEnough: Bool)
    // The ensemble.
    case configuration(isForClients: Bool, watch: Bool, hasStat: Bool)
    case reconfigure(ReconfigRequest, hasStat: Bool)
}

/// What a line of the shell is, with what has to be said about its form.
struct ParsedShellCommand: Equatable, Sendable {
    let command: ShellCommand
    /// Sentences for standard error that come before the result: deprecations, bad parts of an access
    /// list.
    var notices: [String] = []
}

/// One word of the shell: its usage and how its arguments are understood.
struct ShellVerb: Sendable {
    let name: String
    /// What stands behind the name in the usage line.
    let usage: String
    /// False for commands that zkCli 3.4 had and 3.8 no longer has: they work and are not listed.
    let isListed: Bool
    let parse: @Sendable ([String]) throws(ShellFailure) -> ParsedShellCommand

    init(
        _ name: String,
        _ usage: String,
        isListed: Bool = true,
        parse: @escaping @Sendable ([String]) throws(ShellFailure) -> ParsedShellCommand
    ) {
        (self.name, self.usage, self.isListed, self.parse) = (name, usage, isListed, parse)
    }

    /// `get [-s] [-w] path`, which is also what a lack of arguments is answered with.
    var usageLine: String { "\(name) \(usage)" }

    /// All words, sorted as zkCli lists them: by UTF-8, so capitals come first.
    static let all: [ShellVerb] =
        (sessionVerbs + nodeVerbs + accessVerbs + quotaVerbs + watchVerbs + ensembleVerbs)
        .sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }

    /// The usage of the whole shell, as zkCli prints it behind an unknown command.
    static var usageText: String {
        let head = "ZooKeeper -server host:port -client-configuration properties-file cmd args"
        return ([head] + all.filter(\.isListed).map { "\t" + $0.usageLine }).joined(separator: "\n")
    }

    /// Understands a line's words.
    ///
    /// - Parameter words: At least the command.
    /// - Returns: The command and what has to be said about its form.
    /// - Throws: `ShellFailure` with a usage line or what is wrong; 127 for an unknown command.
    static func command(_ words: [String]) throws(ShellFailure) -> ParsedShellCommand {
        guard let verb = all.first(where: { $0.name == words[0] }) else {
            throw ShellFailure(
                usageText + "\nCommand not found: Command not found \(words[0])",
                status: 127
            )
        }
        return try verb.parse(words)
    }

    /// A verb whose words are sorted by a grammar and that needs arguments.
    ///
    /// - Parameters:
    ///   - name: The command.
    ///   - usage: Behind the name in its usage line.
    ///   - grammar: Its options.
    ///   - least: Arguments needed, without the command itself.
    ///   - isListed: As in the initialiser.
    ///   - understand: Makes the command; `arguments[1]` is the first one.
    /// - Returns: The verb.
    static func verb(
        _ name: String,
        _ usage: String,
        _ grammar: ShellGrammar = ShellGrammar(),
        least: Int = 0,
        isListed: Bool = true,
        understand:
            @escaping @Sendable (ShellOptions) throws(ShellFailure) -> ParsedShellCommand
    ) -> ShellVerb {
        ShellVerb(name, usage, isListed: isListed) { words throws(ShellFailure) in
            let options = try grammar.parse(words)
            guard options.arguments.count > least else { throw ShellFailure("\(name) \(usage)") }
            return try understand(options)
        }
    }
}

extension ShellOptions {
    /// An option's value as a number of 32 bits.
    ///
    /// - Throws: `ShellFailure`, where zkCli ends with a Java stack trace.
    func version(_ name: String) throws(ShellFailure) -> Int32? {
        guard let text = value(name) else { return nil }
        return try Self.version(text)
    }

    /// A version as it stands behind the arguments in the old syntax.
    static func version(_ text: String) throws(ShellFailure) -> Int32 {
        guard let number = Int32(text) else {
            throw ShellFailure("version must be a number: \(text)")
        }
        return number
    }
}
