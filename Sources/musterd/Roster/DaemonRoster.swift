import Alerts
import Membership
import Runtime
import Synchronization
import Telemetry
import ZooKeeperClient
import ZooKeeperProtocol

/// Makes this daemon known to the others on its ensemble, and tells who they are.
///
/// Step of the data flow: beside the aggregator, over a session of its own; an ephemeral znode a daemon below
/// `/muster/daemons`, kept by a `Registrar` whatever happens to sessions. Who is there is read before this
/// daemon is registered, and it is registered when its view is live: from then on it sees what it
/// has to tell of. Znodes that no session owns are nobody's and do not count.
final class DaemonRoster: Sendable {
    /// Where the daemons' znodes are.
    static let root = "/muster/daemons"

    private struct State {
        /// Set once the view was live.
        var facts: DaemonEntry.Facts?
        var isRegistered = false
        var wantsWatch = true
        var isTroubleSaid = false
    }

    /// The daemons as of the last reading, by their ids.
    let entries = Published<[DaemonEntry]>([])
    /// How this daemon's own registration stands.
    let standing = Published<RegistrationStatus>(.waiting)
    private let id: String
    private let session: ZooKeeperSession
    private let registrar: Registrar
    private let alerts: AlertLog
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let log = Log("roster")

    /// Creates a roster that does nothing until `run`.
    ///
    /// - Parameters:
    ///   - id: This daemon's.
    ///   - session: For the roster alone; not run by others.
    ///   - alerts: Is told who shares its work.
    init(id: String, session: ZooKeeperSession, alerts: AlertLog) {
        (self.id, self.session, self.alerts) = (id, session, alerts)
        registrar = Registrar(loop: session.loop, session: session)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How long another daemon may be dead before this one knows, where both have such sessions.
    static func window(_ sessionTimeout: Duration) -> Duration {
        sessionTimeout * Limits.deathTimeouts + Limits.deathSlack
    }

    /// Path of this daemon's znode.
    var path: String { Self.root + "/" + id }

    /// Lets the daemon be registered, now that its view is live; the first call counts.
    func begin(_ facts: DaemonEntry.Facts) {
        state.withLock { $0.facts = $0.facts ?? facts }
        wake.yield()
    }

    /// Follows the others, and stays registered, until the task is cancelled.
    func run() async {
        await registrar.attach { [self] path, status in note(status) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await registrar.run() }
            group.addTask { [self] in await hearStates() }
            group.addTask { [self] in await hearEvents() }
            group.addTask { [self] in for await _ in wakes { await look() } }
        }
    }

    private func hearStates() async {
        for await state in await session.states {
            guard case .connected = state else { continue }
            self.state.withLock { $0.wantsWatch = true }
            alerts.note(.window(Self.window(await session.sessionTimeout)))
            wake.yield()
        }
    }

    private func hearEvents() async {
        while !Task.isCancelled {
            do {
                for try await _ in await session.watchEvents(below: Self.root) { wake.yield() }
                return
            } catch {
                // Too many at once: one look shows what all of them would have.
                wake.yield()
            }
        }
    }

    private func look() async {
        do throws(ZooKeeperError) {
            if state.withLock({ $0.wantsWatch }) {
                state.withLock { $0.wantsWatch = false }
                try await session.addWatch(Self.root, mode: .persistentRecursive)
            }
            let found = try await read()
            entries.publish(found)
            alerts.note(.members(found.filter(\.sendsAlerts).map(\.id)))
            register()
        } catch {
            guard error.code == .refused else { return }
            let isFirst = state.withLock { state in
                defer { state.isTroubleSaid = true }
                return !state.isTroubleSaid
            }
            if isFirst { log.warning("\(Self.root) cannot be read: \(error); \(Self.consequence)") }
            alerts.note(.hidden)
        }
    }

    private func read() async throws(ZooKeeperError) -> [DaemonEntry] {
        let names: [String]
        do throws(ZooKeeperError) {
            names = try await session.getChildren(Self.root)
        } catch {
            guard error.server == .noNode else { throw error }
            return []
        }
        var found: [DaemonEntry] = []
        for name in names.sorted().prefix(Limits.daemonsMax) {
            do throws(ZooKeeperError) {
                let (data, stat) = try await session.getData(ZNodePath.join(Self.root, name))
                guard stat.ephemeralOwner != 0 else { continue }
                found.append(DaemonEntry(id: name, data: data ?? [], isOwn: name == id))
            } catch {
                guard error.server == .noNode else { throw error }
            }
        }
        return found
    }

    /// Asks for the znode, once who is there was read and there is something to tell.
    private func register() {
        let facts = state.withLock { state -> DaemonEntry.Facts? in
            guard !state.isRegistered, let facts = state.facts else { return nil }
            state.isRegistered = true
            return facts
        }
        guard let facts else { return }
        session.loop.post { [self] in
            registrar.assumeIsolated { registrar in
                do {
                    try registrar.register(path: path, data: try facts.encoded())
                } catch {
                    log.error("this daemon cannot be made known to the others: \(error)")
                }
            }
        }
    }

    /// Called on the loop with each change of the daemon's own registration.
    private func note(_ status: RegistrationStatus) {
        standing.publish(status)
        switch status {
        case .waiting, .ended: break
        case .registering: alerts.note(.claimed)
        case .registered: alerts.note(.shown)
        case .contended:
            log.warning(
                "another daemon has the id \(id): give each a data directory of its own, without "
                    + "the file \(DaemonIdentity.name) of the other"
            )
        case .failing(let code, _):
            log.warning("\(path) cannot be made: \(code); \(Self.consequence)")
            alerts.note(.hidden)
        }
    }

    private static let consequence = "this daemon sends all alerts, though others may too"
}
