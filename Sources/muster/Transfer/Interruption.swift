import Runtime
import Synchronization

/// What becomes of signals during an import: while nothing is changed one ends it; then one asks it to end.
///
/// Owner: the command. Signals come on the loop, and the import looks between its batches. A second signal ends it
/// where it is; which access lists it leaves open is said then.
final class Interruption: Sendable {
    private struct State {
        var signal: Signal?
        var isChanging = false
    }

    /// What is to be closed before the end.
    let opened = OpenedLists()
    private let state = Mutex(State())

    /// The signal that asked for the end; nil for none.
    var signal: Signal? { state.withLock { $0.signal } }

    /// From here on there may be something to take back.
    func beginChanges() { state.withLock { $0.isChanging = true } }

    /// Takes a signal.
    func hear(_ signal: Signal) {
        let isEnd = state.withLock { state in
            defer { state.signal = state.signal ?? signal }
            return !state.isChanging || state.signal != nil
        }
        guard isEnd else {
            complain("ending in order, which may take some seconds; a second signal ends it here")
            return
        }
        opened.complainOfRest()
        CommandContext.end(by: signal)
    }
}
