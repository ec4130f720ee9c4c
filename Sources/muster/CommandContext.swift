import Runtime

/// What a command may use: the daemon's socket, the terminal, and the environment.
struct CommandContext: Sendable {
    /// The program's event loop; clients and sessions live on it.
    let loop: EventLoop
    /// Directory of the control socket and of what commands keep.
    let stateDirectory: String
    /// Control socket when no option names one.
    let defaultControl: String
    /// Registry when neither an option nor the daemon names one.
    let defaultServer: String?

    /// Reads `MUSTER_CONTROL`, `MUSTER_SERVER`, `STATE_DIRECTORY` and `HOME`.
    init(loop: EventLoop, environment: [String: String]) {
        self.loop = loop
        let state =
            environment["STATE_DIRECTORY"]
            ?? (environment["HOME"] ?? "/root") + "/.local/state/muster"
        stateDirectory = state
        defaultControl = environment["MUSTER_CONTROL"] ?? state + "/control.sock"
        defaultServer = environment["MUSTER_SERVER"]
    }
}
