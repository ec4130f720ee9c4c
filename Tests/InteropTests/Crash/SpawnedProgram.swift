import Foundation
import TestSupport
import Testing

/// A program that may be killed at any moment of its life, a thousand times in one test.
///
/// Foundation's `Process` loses the end of a program now and then when that is killed right after its start, and
/// waits for ever then. Output goes to a file. Owner: one task.
final class SpawnedProgram {
    /// Process id.
    let id: Int32
    private let file: String
    private var status: Int32?

    /// Starts a program found by its path or on PATH.
    ///
    /// - Parameters:
    ///   - words: Program and arguments.
    ///   - file: Takes what it says on both of its outputs.
    /// - Throws: When it cannot be started.
    init(_ words: [String], output file: String) throws {
        self.file = file
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // SAFETY: both are initialised before their use and destroyed behind it; texts are copied by the calls.
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, file, flags, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { _ = unsafe arguments.map { unsafe free($0) } }
        var id: Int32 = 0
        // SAFETY: the list ends in a null and lives, as its texts do, until behind the call.
        let failure = unsafe posix_spawnp(&id, words[0], &actions, &attributes, &arguments, environ)
        try #require(failure == 0, "\(words[0]) cannot be started: error \(failure)")
        self.id = id
    }

    deinit {
        guard isRunning else { return }
        kill(id, SIGKILL)
        var ended: Int32 = 0
        // SAFETY: the kernel writes one number.
        unsafe waitpid(id, &ended, 0)
    }

    /// Everything that it has said so far.
    var output: String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }

    /// True until it has ended.
    var isRunning: Bool {
        guard status == nil else { return false }
        var ended: Int32 = 0
        // SAFETY: the kernel writes one number.
        if unsafe waitpid(id, &ended, WNOHANG) == id { status = ended }
        return status == nil
    }

    /// Sends a signal to it.
    func signal(_ number: Int32) {
        guard isRunning else { return }
        kill(id, number)
    }

    /// Waits for its end, and kills it after a minute.
    ///
    /// - Returns: Its exit status, or the negated signal number.
    func wait() async -> Int32 {
        if await !eventually(within: .seconds(60), { !isRunning }) {
            kill(id, SIGKILL)
            _ = await eventually { !isRunning }
        }
        let status = status ?? -1
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }
}
