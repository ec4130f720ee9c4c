import Runtime
import Synchronization

/// Where the shell's lines come from: keys, a script on standard input, or the command line.
///
/// Owner: the subcommand; `interrupt` may be called from any thread.
struct ShellLines: Sendable {
    let shell: Shell
    let screen: ShellScreen
    let editor: LineEditor?
    private let waiting = Waiting()

    private final class Waiting: Sendable {
        private let value = Mutex(false)
        var isOn: Bool { value.withLock { $0 } }
        func set(_ new: Bool) { value.withLock { $0 = new } }
    }

    init(shell: Shell, screen: ShellScreen, editor: LineEditor?) {
        (self.shell, self.screen, self.editor) = (shell, screen, editor)
    }

    /// Takes lines to their end or to `quit`.
    ///
    /// - Returns: The exit status of the last command.
    func run() async -> Int32 {
        screen.out("Welcome to ZooKeeper!")
        if let editor { await typed(editor) } else { await script() }
        return await shell.status
    }

    /// Carries one command out.
    ///
    /// - Returns: Its exit status.
    func run(_ words: [String]) async -> Int32 {
        _ = await shell.run(words)
        return await shell.status
    }

    /// What Ctrl-C does: a line that is being typed is thrown away.
    ///
    /// - Returns: False when none is, and the shell should end.
    func interrupt() -> Bool {
        guard let editor, waiting.isOn else { return false }
        editor.interrupt()
        return true
    }

    private func typed(_ editor: LineEditor) async {
        waiting.set(true)
        editor.read()
        for await event in editor.events {
            switch event {
            case .end: return
            case .complete(let before): await complete(before, editor)
            case .line(let line):
                waiting.set(false)
                remember(line, editor)
                guard await shell.take(line) else { return }
                waiting.set(true)
                editor.read()
            }
        }
    }

    /// Passwords stay out of the history.
    private func remember(_ line: String, _ editor: LineEditor) {
        guard let command = ShellWords.split(line).first, command != "addauth" else { return }
        editor.remember(line)
    }

    private func complete(_ before: String, _ editor: LineEditor) async {
        let answer: ShellCompletion.Answer
        switch ShellCompletion.question(before) {
        case .command(let prefix): answer = ShellCompletion.commands(prefix)
        case .child(let parent, let prefix):
            answer = ShellCompletion.children(await shell.children(of: parent), prefix)
        }
        // Also without an answer: the editor takes no key before one.
        editor.complete(before: before, insert: answer.insert, choices: answer.choices)
    }

    private func script() async {
        let thread = BlockingThread(name: "script")
        defer { thread.stop() }
        // Bound: the script's; a line is read when the one before is done.
        while let line = await next(thread) {
            guard await shell.take(line) else { return }
        }
    }

    private func next(_ thread: BlockingThread) async -> String? {
        do {
            return try await thread.run { readLine() }
        } catch {
            return nil
        }
    }
}
