import Synchronization
import ZooKeeperClient

/// What the shell knows of its connection, fed by the session's events on the loop.
///
/// Owner: none; the session's loop writes, the shell reads.
final class ShellConnection: Sendable {
    private let alive = Mutex(true)
    private let prompt: ShellPrompt
    private let tell: @Sendable (SessionEvent) -> Void

    /// Tells each event, behind the change that it makes here and in the prompt.
    init(prompt: ShellPrompt, tell: @escaping @Sendable (SessionEvent) -> Void) {
        (self.prompt, self.tell) = (prompt, tell)
        prompt.set(state: "CONNECTING")
    }

    /// False when the session is closed or a credential was refused.
    var isAlive: Bool { alive.withLock { $0 } }

    /// Takes events in their order.
    func take(_ events: [SessionEvent]) {
        for event in events {
            if case .state(let new) = event { change(new) }
            tell(event)
        }
    }

    private func change(_ new: SessionState) {
        switch new {
        case .connecting, .suspended, .expired: prompt.set(state: "CONNECTING")
        case .connected: prompt.set(state: "CONNECTED")
        case .connectedReadOnly: prompt.set(state: "CONNECTEDREADONLY")
        case .closed: end("CLOSED")
        case .authFailed: end("AUTH_FAILED")
        }
    }

    private func end(_ state: String) {
        alive.withLock { $0 = false }
        prompt.set(state: state)
    }
}
