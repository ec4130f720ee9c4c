import Synchronization

/// The prompt's parts, each set by whoever knows it, and shown whole whenever one changes.
///
/// Owner: none; the session's loop sets the state, the shell all else.
final class ShellPrompt: Sendable {
    private struct Parts {
        var server = ""
        var state = "CLOSED"
        var number = 0
        var text: String { "[zk: \(server)(\(state)) \(number)] " }
    }

    private let parts = Mutex(Parts())
    private let show: @Sendable (String) -> Void

    /// Shows each new prompt through a closure, which must not call back.
    init(show: @escaping @Sendable (String) -> Void) { self.show = show }

    func set(server: String) { change { $0.server = server } }
    func set(state: String) { change { $0.state = state } }
    func set(number: Int) { change { $0.number = number } }

    private func change(_ body: (inout Parts) -> Void) {
        // Shown inside, so that the last one shown is the last one set.
        parts.withLock { parts in
            body(&parts)
            show(parts.text)
        }
    }
}
