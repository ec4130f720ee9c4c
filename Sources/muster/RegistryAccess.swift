import Flags
import Runtime
import ZooKeeperClient
import ZooKeeperProtocol

extension CommandContext {
    /// Opens a session with the registry, runs a command in it, and closes it.
    ///
    /// - Parameters:
    ///   - parsed: Looked at for `--server`.
    ///   - body: The command; it is given the session and the registry as users name it.
    /// - Returns: What the command returned.
    /// - Throws: What the command threw, or that the server's name is no connect string.
    func withSession<Result: Sendable>(
        _ parsed: ParsedCommand,
        _ body:
            @Sendable (ZooKeeperSession, _ server: String) async throws(CommandFailure) -> Result
    ) async throws(CommandFailure) -> Result {
        let server = await serverName(parsed)
        let session = try session(server, timeout: .seconds(30))
        async let life: Void = session.run()
        do throws(CommandFailure) {
            let result = try await body(session, server)
            await session.close()
            await life
            return result
        } catch {
            await session.close()
            await life
            throw error
        }
    }

    /// The registry's connect string: `--server`, `MUSTER_SERVER`, the daemon's word, or the default.
    func serverName(_ parsed: ParsedCommand) async -> String {
        if let text = parsed.value("server") ?? defaultServer { return text }
        let status = try? await ask("/v1/status", parsed, as: StatusAnswer.self)
        return status?.answer.registry.connect ?? "127.0.0.1:2181"
    }
}

/// Runs one operation of the registry and turns its error into a failure that names the path.
///
/// - Parameters:
///   - path: The znode concerned.
///   - server: The registry, for the message.
///   - creates: What does not exist is its parent.
///   - operation: The operation.
/// - Returns: What the operation returned.
/// - Throws: `CommandFailure` with a status for scripts and a sentence for people.
func onRegistry<Result: Sendable>(
    _ path: String,
    _ server: String,
    creates: Bool = false,
    _ operation: () async throws(ZooKeeperError) -> Result
) async throws(CommandFailure) -> Result {
    do throws(ZooKeeperError) {
        return try await operation()
    } catch {
        if creates, case (.refused, .noNode) = (error.code, error.server) {
            let parent = ZNodePath.parent(of: path) ?? path
            throw CommandFailure(
                .notFound,
                "\(parent) does not exist on \(server)",
                advice: "--parents makes it"
            )
        }
        throw failure(of: error, path, server)
    }
}

private func failure(of error: ZooKeeperError, _ path: String, _ server: String) -> CommandFailure {
    switch (error.code, error.server) {
    case (.refused, .noNode): CommandFailure(.notFound, "\(path) does not exist on \(server)")
    case (.refused, .nodeExists):
        CommandFailure(
            .refused,
            "\(path) exists already",
            advice: "change it with muster znode set"
        )
    case (.refused, .notEmpty):
        CommandFailure(
            .refused,
            "\(path) has children",
            advice: "remove them too with --recursive"
        )
    case (.refused, .badVersion):
        CommandFailure(
            .refused,
            "\(path) has another version",
            advice: "read it again with muster znode get --stat"
        )
    case (.refused, _): CommandFailure(.refused, "\(path): \(error.message)")
    case (.badArgument, _): CommandFailure(.usage, error.message)
    case (.notSent, _), (.closed, _):
        CommandFailure(
            .unreachable,
            "no ZooKeeper server answers on \(server): \(error.message)",
            advice: "start musterd, or name a server with --server or MUSTER_SERVER"
        )
    default: CommandFailure(.failure, "\(path): \(error.message)")
    }
}
