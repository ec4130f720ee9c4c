import Glibc
import Runtime
import Synchronization
import Telemetry

/// Where an export goes: a file that gets its name when all of it is on the disk, or standard output.
///
/// Owner: the command. All writing happens on a thread that may block.
final class ExportFile: Sendable {
    private struct State: ~Copyable {
        let file: OpenFile
        var temporary: String?
    }

    /// What it is called in messages.
    let name: String
    private let path: String?
    private let state: Mutex<State>
    private let thread = BlockingThread(name: "export")

    /// Makes the file under a temporary name beside its own; nil is standard output.
    init(_ path: String?) throws(CommandFailure) {
        (self.path, name) = (path, path ?? "standard output")
        let temporary = path.map { "\($0).\(getpid()).part" }
        do throws(OpenFile.Refusal) {
            let file =
                if let temporary {
                    try OpenFile(making: temporary)
                } else {
                    try OpenFile(standard: STDOUT_FILENO)
                }
            state = Mutex(State(file: file, temporary: temporary))
        } catch {
            throw Self.failure(temporary ?? name, "cannot be made", error)
        }
    }

    deinit {
        thread.stop()
        discard()
    }

    /// Appends bytes.
    func write(_ bytes: [UInt8]) async throws(CommandFailure) {
        try await onThread { [self] in try state.withLock { try $0.file.write(bytes) } }
    }

    /// Brings everything to the disk and gives the file its name.
    func commit() async throws(CommandFailure) {
        guard let path else { return }
        try await onThread { [self] in
            try state.withLock { state in
                try state.file.sync()
                guard let temporary = state.temporary else { return }
                try OpenFile.rename(temporary, to: path)
                state.temporary = nil
            }
        }
    }

    /// Removes what was not committed.
    func discard() {
        let temporary = state.withLock { state in
            let temporary = state.temporary
            state.temporary = nil
            return temporary
        }
        if let temporary { OpenFile.remove(temporary) }
    }

    private func onThread(
        _ work: @escaping @Sendable () throws -> Void
    ) async throws(CommandFailure) {
        do {
            try await thread.run(work)
        } catch let refusal as OpenFile.Refusal {
            throw Self.failure(name, "cannot be written", refusal)
        } catch {
            throw CommandFailure(.failure, "\(name): \(error)")
        }
    }

    private static func failure(
        _ name: String,
        _ what: String,
        _ refusal: OpenFile.Refusal
    ) -> CommandFailure {
        CommandFailure(.failure, "\(name) \(what): \(refusal.text)")
    }
}
