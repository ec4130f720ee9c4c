import ZooKeeperClient
import ZooKeeperProtocol

/// Carries commands out on one session, and prints their results.
///
/// Step of the data flow: between a `ShellCommand` and lines of text; one extension for each family of
/// commands. It holds nothing but the session and the screen.
struct ShellRunner: Sendable {
    let session: ZooKeeperSession
    let screen: ShellScreen
    /// Whether the removal of watches is told as events are.
    let printsWatches: @Sendable () -> Bool

    /// Carries a command out that needs a session.
    ///
    /// - Throws: `ShellFailure` with zkCli's sentence.
    func run(_ command: ShellCommand) async throws(ShellFailure) {
        switch command {
        case .create, .delete, .deleteAll, .get, .set, .list, .stat, .sync, .countDescendants,
            .ephemerals:
            try await runOnNodes(command)
        case .addAuth, .whoAmI, .getACL, .setACL: try await runOnAccess(command)
        case .setQuota(let path, let limits): try await setQuota(path, limits)
        case .listQuota(let path): try await listQuota(path)
        case .deleteQuota(let path, let keys): try await deleteQuota(path, keys)
        case .addWatch(let path, let mode):
            try await ask(path) { () throws(ZooKeeperError) in
                try await session.addWatch(path, mode: mode)
            }
        case .removeWatches(let path, let kind, let isLocalEnough):
            try await removeWatches(path, kind, isLocalEnough)
        case .configuration(let isForClients, let watch, let hasStat):
            try await configuration(isForClients, watch, hasStat)
        case .reconfigure(let request, let hasStat): try await reconfigure(request, hasStat)
        case .help, .quit, .close, .connect, .history, .redo, .printWatches, .version: break
        }
    }

    private func removeWatches(
        _ path: String,
        _ kind: WatcherRequest.Kind,
        _ isLocalEnough: Bool
    ) async throws(ShellFailure) {
        let removed = try await ask(path) { () throws(ZooKeeperError) in
            try await session.removeWatches(path, kind: kind, isLocalEnough: isLocalEnough)
        }
        guard printsWatches() else { return }
        for kind in [WatchKind.children, .data, .persistent] where removed.contains(kind) {
            screen.out(EventText.block(removed: kind, path))
        }
    }

    // MARK: Asking

    /// Checks a path as the Java client does, asks the server, and turns its refusal into a sentence.
    ///
    /// - Parameters:
    ///   - path: The one that the sentence names; nil for requests without one.
    ///   - isSequential: A number will follow the path.
    ///   - operation: The request.
    /// - Returns: What the operation returned.
    /// - Throws: `ShellFailure` with zkCli's sentence.
    @discardableResult
    func ask<Result: Sendable>(
        _ path: String?,
        isSequential: Bool = false,
        _ operation: () async throws(ZooKeeperError) -> Result
    ) async throws(ShellFailure) -> Result {
        do throws(AskFailure) {
            return try await attempt(path, isSequential: isSequential, operation)
        } catch {
            throw error.failure
        }
    }

    /// As `ask`, for callers that treat some codes themselves.
    func attempt<Result: Sendable>(
        _ path: String?,
        isSequential: Bool = false,
        _ operation: () async throws(ZooKeeperError) -> Result
    ) async throws(AskFailure) -> Result {
        if let path, let complaint = PathText.complaint(path, isSequential: isSequential) {
            throw AskFailure(code: nil, failure: ShellFailure(complaint))
        }
        do throws(ZooKeeperError) {
            return try await operation()
        } catch {
            guard let code = FailureText.code(error) else {
                throw AskFailure(code: nil, failure: ShellFailure(error.message))
            }
            let sentence = FailureText.sentence(code, path)
            // Nothing else tells why there is no server.
            let why = error.code == .notSent ? "\n" + error.message : ""
            throw AskFailure(code: code, failure: ShellFailure(sentence + why))
        }
    }

    /// Prints lines to standard output.
    func show(_ lines: [String]) { for line in lines { screen.out(line) } }

    /// Bytes as text; null is shown as the word.
    func text(_ data: [UInt8]?) -> String {
        data.map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

/// A request that failed: the code, if a server or the connection gave one, and zkCli's sentence.
struct AskFailure: Error {
    let code: ErrorCode?
    let failure: ShellFailure
}
