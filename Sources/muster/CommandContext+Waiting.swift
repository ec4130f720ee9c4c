import Glibc
import Runtime
import Telemetry
import ZooKeeperClient

extension CommandContext {
    /// Waits for SIGTERM, SIGINT or SIGHUP.
    func waitForEnd() async {
        let (signals, input) = AsyncStream.makeStream(
            of: Signal.self,
            bufferingPolicy: .bufferingOldest(1)
        )
        atSignal { input.yield($0) }
        for await _ in signals { return }
    }

    /// Ends the program at SIGTERM, SIGINT or SIGHUP as if the signal had done it, for commands without
    /// anything to take back: signals are blocked from the start, so somebody has to read them.
    ///
    /// - Parameter cleanUp: Called on the loop before the end.
    func exitAtSignal(after cleanUp: @escaping @Sendable () -> Void = {}) {
        atSignal { signal in
            cleanUp()
            Self.end(by: signal)
        }
    }

    /// Ends the program as if the signal had done it.
    static func end(by signal: Signal) -> Never {
        StandardStreams.flush()
        switch signal {
        case .hangup: _exit(128 + SIGHUP)
        case .interrupt: _exit(128 + SIGINT)
        default: _exit(128 + SIGTERM)
        }
    }

    /// Calls a closure on the loop at SIGTERM, SIGINT and SIGHUP.
    func atSignal(_ act: @escaping @Sendable (Signal) -> Void) {
        loop.post { [loop] in
            do throws(RuntimeError) {
                _ = try Signals.read(on: loop) { signal in
                    if [.terminate, .interrupt, .hangup].contains(signal) { act(signal) }
                }
            } catch {
                complain("signals are not heard, end it with kill -9: \(error)")
            }
        }
    }

    /// A session that is not run yet.
    ///
    /// - Parameters:
    ///   - server: Connect string.
    ///   - timeout: Session timeout to ask for.
    /// - Returns: The session, on the program's loop.
    /// - Throws: `CommandFailure` for a text that is no connect string.
    func session(_ server: String, timeout: Duration) throws(CommandFailure) -> ZooKeeperSession {
        do throws(ZooKeeperError) {
            let configuration = try SessionConfiguration(
                connectString: server,
                sessionTimeout: timeout
            )
            return ZooKeeperSession(loop: loop, configuration: configuration)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }
}

extension ZooKeeperSession {
    /// Waits until a server answers on the running session.
    ///
    /// - Returns: False as soon as one round over all servers has failed.
    func answers() async -> Bool {
        do throws(ZooKeeperError) {
            _ = try await exists("/")
            return true
        } catch {
            return error.code != .notSent
        }
    }
}

/// Writes a line for people to standard error.
func complain(_ text: String) { StandardStreams.complain("muster: " + Terminal.printable(text)) }
