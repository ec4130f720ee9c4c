import Synchronization
import Telemetry

/// Where the shell's text goes: through the line editor on a terminal, else straight to the streams.
///
/// Owner: none; any thread may print.
final class ShellScreen: Sendable {
    private let editor: LineEditor?

    /// A screen.
    ///
    /// - Parameter editor: The one that owns the terminal; nil when there is none.
    init(editor: LineEditor?) { self.editor = editor }

    /// Prints a result to standard output.
    func out(_ text: String) {
        if let editor {
            editor.show(Terminal.printable(text))
        } else {
            print(text)
            StandardStreams.flush()
        }
    }

    /// Prints a complaint, a notice or what was created to standard error.
    func err(_ text: String) {
        if let editor {
            editor.show(Terminal.printable(text))
        } else {
            StandardStreams.complain(text)
        }
    }
}
