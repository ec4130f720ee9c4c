import Flags
import FoundationEssentials
import Runtime
import ZooKeeperClient
import ZooKeeperProtocol

extension CommandContext {
    /// Opens a session for a transfer, runs a command in it, and closes it.
    ///
    /// - Parameters:
    ///   - server: Connect string, perhaps with a chroot.
    ///   - credentials: File with a credential a line; nil for none.
    ///   - requestBytesMax: Longest request that the server takes.
    ///   - body: The command.
    /// - Returns: What the command returned.
    /// - Throws: What the command threw, or why it could not start.
    func withPipe<Result: Sendable>(
        _ server: String,
        credentials: String?,
        requestBytesMax: Int = Limits.requestBytesDefault,
        _ body:
            @Sendable (RequestPipe, ZooKeeperSession, _ hasChroot: Bool)
            async throws(CommandFailure) -> Result
    ) async throws(CommandFailure) -> Result {
        var configuration: SessionConfiguration
        do throws(ZooKeeperError) {
            configuration = try SessionConfiguration(connectString: server)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        configuration.credentials = try credentials.map(Self.credentials(in:)) ?? []
        configuration.requestBytesMax = requestBytesMax
        let hasChroot = !configuration.chroot.isEmpty
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        let pipe = await RequestPipe(session, server: server)
        async let life: Void = session.run()
        do throws(CommandFailure) {
            try await Self.greet(session, server, chroot: configuration.chroot)
            let result = try await body(pipe, session, hasChroot)
            await session.close()
            await life
            return result
        } catch {
            await session.close()
            await life
            throw error
        }
    }

    /// Sees that somebody answers, has seen all writes made before, and has the chroot.
    private static func greet(
        _ session: ZooKeeperSession,
        _ server: String,
        chroot: String
    ) async throws(CommandFailure) {
        do throws(ZooKeeperError) {
            try await session.sync()
            guard try await session.exists(ZNodePath.root) == nil else { return }
        } catch {
            guard error.code != .authFailed else {
                throw CommandFailure(.refused, "\(server) refuses a credential: \(error.message)")
            }
            throw CommandFailure(
                .unreachable,
                "no ZooKeeper server answers on \(server): \(error.message)",
                advice: "start it, or name another with --server or MUSTER_SERVER"
            )
        }
        let hosts = server.prefix { $0 != "/" }
        throw CommandFailure(
            .notFound,
            "\(chroot) does not exist on \(hosts)",
            advice: "muster znode create --parents \(chroot) --server \(hosts)"
        )
    }

    /// Reads `scheme credential` lines; empty ones and those that start with # are passed over.
    private static func credentials(
        in path: String
    ) throws(CommandFailure) -> [SessionConfiguration.Credential] {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            guard FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure(.notFound, "\(path) does not exist")
            }
            throw CommandFailure(.failure, "\(path) cannot be read as UTF-8 text")
        }
        var credentials: [SessionConfiguration.Credential] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard !line.hasPrefix("#"), !line.allSatisfy(\.isWhitespace) else { continue }
            guard let space = line.firstIndex(of: " "), space != line.startIndex else {
                throw CommandFailure(
                    .failure,
                    "\(path):\(index + 1): a credential is written as SCHEME CREDENTIAL, such as "
                        + "digest user:password"
                )
            }
            let secret = line[line.index(after: space)...]
            credentials.append(
                SessionConfiguration.Credential(
                    scheme: String(line[..<space]),
                    bytes: Array(secret.utf8)
                )
            )
        }
        return credentials
    }
}

extension CommandSyntax.Option {
    /// `--auth`, on what reads or writes whole trees.
    static let credentials = Self.value(
        "auth",
        "FILE",
        "credentials, a line each: digest user:password"
    )
}

extension ParsedCommand {
    /// The option `--path`, the root when it is not given.
    ///
    /// - Throws: `CommandFailure` for what is no path, or belongs to the server.
    func topPath() throws(CommandFailure) -> String {
        let path = value("path") ?? ZNodePath.root
        do throws(ZNodePathError) {
            try ZNodePath.validate(path)
        } catch {
            throw CommandFailure(.usage, "--path \(path): \(error)")
        }
        return path
    }
}

extension TreeWalk {
    /// Reads the whole tree and hands it on as lines, with a word now and then on how far it is.
    ///
    /// - Parameters:
    ///   - what: What is going on.
    ///   - total: About how many znodes there are, where that is known.
    ///   - write: Takes lines, in order.
    /// - Throws: `CommandFailure` of the reading or the writing.
    mutating func writeLines(
        _ what: String,
        total: Int?,
        _ write: ([UInt8]) async throws(CommandFailure) -> Void
    ) async throws(CommandFailure) {
        var progress = ProgressLine(what, total: total)
        while let znodes = try await next() {
            var bytes: [UInt8] = []
            for znode in znodes { znode.appendLine(to: &bytes) }
            try await write(bytes)
            progress.show(tally.znodes + tally.ephemerals)
        }
        progress.end()
    }

    /// Says what the batches do not have, but for what cannot be read: that is a failure.
    var remarks: [String] {
        var remarks: [String] = []
        if tally.ephemerals > 0 {
            let them = counted(tally.ephemerals, "ephemeral")
            remarks.append("\(them) left out: they belong to sessions")
        }
        if tally.vanished > 0 {
            remarks.append("\(counted(tally.vanished, "znode")) vanished while it was read")
        }
        return remarks
    }

    /// Why a tree that was read is not the whole one; nil when it is.
    var incompleteness: CommandFailure? {
        guard tally.unreadable > 0 else { return nil }
        let rest = tally.unreadable - tally.unreadablePaths.count
        return CommandFailure(
            .refused,
            "\(counted(tally.unreadable, "znode")) could not be read (NOAUTH) and "
                + "\(tally.unreadable == 1 ? "is" : "are") missing, with all below: "
                + tally.unreadablePaths.joined(separator: ", ")
                + (rest > 0 ? " and \(rest) more" : ""),
            advice: "--auth FILE names credentials that may read them"
        )
    }
}
