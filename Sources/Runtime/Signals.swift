internal import CLinux
internal import Glibc

/// A signal that the program handles as an event.
public enum Signal: Sendable, CaseIterable {
    /// SIGTERM: drain and stop.
    case terminate
    /// SIGINT: Ctrl-C.
    case interrupt
    /// SIGHUP: read the configuration again.
    case hangup
    /// SIGUSR1.
    case user1
    /// SIGUSR2: hand over to a new process.
    case user2

    init?(number: Int32) {
        switch number {
        case SIGTERM: self = .terminate
        case SIGINT: self = .interrupt
        case SIGHUP: self = .hangup
        case SIGUSR1: self = .user1
        case SIGUSR2: self = .user2
        default: return nil
        }
    }
}

/// Signals become events on a loop instead of interrupting a thread.
public enum Signals {
    /// Blocks the handled signals for this thread and all threads it starts; ignores SIGPIPE, SIGXFSZ.
    ///
    /// It is the first line of a program: a thread that existed before would still be interrupted.
    ///
    /// - Throws: `RuntimeError` `.system`, which a kernel has no reason to give.
    public static func block() throws(RuntimeError) {
        let result = muster_signals_block()
        guard result == 0 else { throw RuntimeError("block signals", failure: result) }
    }

    /// Calls a closure on the loop for each signal that arrives, until `SignalReader.cancel`.
    ///
    /// Loop thread only. Several of one kind may arrive as one.
    ///
    /// - Parameters:
    ///   - loop: Its thread was started after `block`.
    ///   - receive: Called on the loop.
    /// - Returns: The registration.
    /// - Throws: `RuntimeError` `.exhausted` when there is no descriptor left.
    public static func read(
        on loop: EventLoop,
        _ receive: @escaping @Sendable (Signal) -> Void
    ) throws(RuntimeError) -> SignalReader {
        let fd = muster_signals_open()
        guard fd >= 0 else { throw RuntimeError("open a signal descriptor", failure: fd) }
        let reader = SignalReader(fd: fd, loop: loop, receive: receive)
        try loop.register(fd, interest: .read, handler: reader, token: 0)
        return reader
    }
}

/// The registration of a signal closure with a loop.
///
/// Owner: the loop's thread.
public final class SignalReader: LoopHandler {
    private let fd: Int32
    private let loop: EventLoop
    private let receive: @Sendable (Signal) -> Void

    init(fd: Int32, loop: EventLoop, receive: @escaping @Sendable (Signal) -> Void) {
        (self.fd, self.loop, self.receive) = (fd, loop, receive)
    }

    deinit { _ = muster_close(fd) }

    /// Part of `LoopHandler`: reads the waiting signals.
    public func process(_ events: [LoopEvent]) {
        while true {
            let number = muster_signals_take(fd)
            guard number > 0 else { return }
            if let signal = Signal(number: number) { receive(signal) }
        }
    }

    /// Ends the registration.
    ///
    /// Loop thread only.
    public func cancel() { loop.deregister(fd) }
}
