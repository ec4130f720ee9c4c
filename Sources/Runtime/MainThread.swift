internal import Glibc

/// The program's first thread, for programs that take signals as events.
///
/// An `async` main does not do: while it waits, libdispatch unblocks all signals of the first thread, and
/// SIGTERM then ends the process before anyone has read it.
public enum MainThread {
    /// Blocks the handled signals, runs the program on the cooperative pool, and ends the process.
    ///
    /// Called first in `main`, before there is any other thread. The main actor is not served.
    ///
    /// - Parameter program: Returns the exit status.
    public static func run(_ program: @escaping @Sendable () async -> Int32) -> Never {
        do throws(RuntimeError) {
            try Signals.block()
        } catch {
            fatalError("signals cannot be blocked: \(error)")
        }
        Task { exit(await program()) }
        while true { pause() }
    }
}
