import FoundationEssentials
import Glibc
import Runtime
import Synchronization
import Telemetry

/// Where an export goes: a file that gets its name when all of it is on the disk, or a stream.
///
/// A stream is standard output, and whatever has a name and is no regular file: a device, a pipe. It gets the
/// lines as they come. A link is followed, so that the file that it leads to is replaced, and not the link.
/// Owner: the command. All writing happens on a thread that may block.
final class ExportFile: Sendable {
    /// What a path leads to.
    private enum Place {
        case file(String)
        case stream(String)
    }

    private struct State: ~Copyable {
        let file: OpenFile
        var temporary: String?

        init(file: consuming OpenFile, temporary: String? = nil) {
            self.file = file
            self.temporary = temporary
        }
    }

    /// What it is called in messages.
    let name: String
    /// The file that is made; nil for a stream.
    private let path: String?
    private let state: Mutex<State>
    private let thread = BlockingThread(name: "export")

    /// Makes the file under a temporary name beside its own, or opens the stream; nil is standard output.
    init(_ path: String?) throws(CommandFailure) {
        name = path ?? "standard output"
        let place = path.map(Self.place)
        var temporary: String?
        if case .file(let path)? = place { temporary = "\(path).\(getpid()).part" }
        do throws(OpenFile.Refusal) {
            switch place {
            case .file(let path):
                self.path = path
                let file = try OpenFile(making: temporary ?? path)
                state = Mutex(State(file: file, temporary: temporary))
            case .stream(let path):
                self.path = nil
                state = Mutex(State(file: try OpenFile(writing: path)))
            case nil:
                self.path = nil
                state = Mutex(State(file: try OpenFile(standard: STDOUT_FILENO)))
            }
        } catch {
            throw Self.failure(temporary ?? name, "cannot be made", error)
        }
    }

    /// True for a file of its own, so that standard output is free for other things.
    var isNamed: Bool { path != nil }

    /// Follows links, but for those that stand for what this process has open.
    private static func place(_ path: String) -> Place {
        var target = path
        for _ in 0..<Limits.linksMax {
            if ["/dev/fd/", "/dev/std", "/proc/"].contains(where: target.hasPrefix) {
                return .stream(target)
            }
            guard let next = link(target) else { break }
            let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
            target = next.hasPrefix("/") ? next : folder + next
        }
        do {
            let facts = try FileManager.default.attributesOfItem(atPath: target)
            let kind = facts[.type] as? FileAttributeType
            return kind == .typeRegular ? .file(target) : .stream(target)
        } catch {
            return .file(target)
        }
    }

    private static func link(_ path: String) -> String? {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: path)
        } catch {
            return nil
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
