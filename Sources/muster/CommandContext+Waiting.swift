import Runtime
import Telemetry
import ZooKeeperClient

extension CommandContext {
    /// Waits for SIGTERM or SIGINT.
    func waitForEnd() async {
        let (signals, input) = AsyncStream.makeStream(
            of: Signal.self,
            bufferingPolicy: .bufferingOldest(1)
        )
        loop.post { [loop] in
            do throws(RuntimeError) {
                _ = try Signals.read(on: loop) { signal in
                    if signal == .terminate || signal == .interrupt { input.yield(signal) }
                }
            } catch {
                complain("signals are not heard: \(error)")
                input.finish()
            }
        }
        for await _ in signals { return }
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
