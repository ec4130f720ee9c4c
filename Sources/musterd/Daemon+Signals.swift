import DNSServer
import Runtime
import Synchronization
import Telemetry
import ZooKeeperServer

// MARK: Signals

extension Daemon {
    /// Signals as they arrive.
    func watchSignals() -> AsyncStream<Signal> {
        let (signals, input) = AsyncStream.makeStream(
            of: Signal.self,
            bufferingPolicy: .bufferingOldest(Limits.signalsWaitingMax)
        )
        viewLoop.post { [self] in
            do throws(RuntimeError) {
                _ = try Signals.read(on: viewLoop) { input.yield($0) }
            } catch {
                log.error("signals are not heard: \(error)")
            }
        }
        return signals
    }

    /// Acts on a signal.
    ///
    /// - Returns: True when the daemon has to stop.
    func handle(_ signal: Signal) async -> Bool {
        switch signal {
        case .terminate, .interrupt: return true
        case .hangup:
            await reload()
            return false
        case .user1, .user2: return false
        }
    }

    /// Takes over what can change while running; a bad file changes nothing.
    func reload() async {
        do {
            let new = try options.load()
            let zones = try ZoneSetup(new)
            try await registry?.change(to: RegistryConfiguration(new.registry))
            Log.configure(level: Log.Level(new.logLevel) ?? .info)
            await answers.load(zones.configuration, files: zones.files)
            current.withLock { $0 = new }
            self.zones.withLock { $0 = zones }
            explainer.withLock { $0 = Explainer(zones.configuration, files: zones.files) }
            let files = zones.files.count
            log.notice("configuration read again: \(files) zone file\(files == 1 ? "" : "s")")
            for notice in new.notices { log.notice(notice) }
            for key in new.keysForRestart(comparedTo: started) {
                log.warning("\(key) differs from the start's; it takes effect at the next one")
            }
        } catch {
            log.error("the old configuration stays: \(error)")
        }
    }
}
