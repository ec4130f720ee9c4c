import Alerts
import Console
import DNSProtocol
import DNSServer
import FoundationEssentials
import Membership
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import ZooKeeperClient
import ZooKeeperServer

/// The whole system in one process: makes the parts, hands them to each other, and ends them in order.
///
/// Wiring only. Threads: the registry's loop; the view's loop, on which aggregator, its session and the
/// answer keeper live, so that a change crosses one thread from the registry to the answer; the DNS
/// workers and their TCP loop; the console's threads; one for webhooks.
final class Daemon: Sendable {
    private let options: DaemonOptions
    private let current: Mutex<Configuration>
    private let log = Log("musterd")
    private let metrics = MetricsRegistry()
    private let registryLoop = EventLoop(name: "registry")
    private let viewLoop = EventLoop(name: "view")
    private let startedAt = EventLoop.unixNow()
    private let answers: AnswerKeeper
    private let explainer: Mutex<Explainer>
    private let consoleURL = Mutex("")
    private let names: NameServer
    private let alerts: AlertLog
    private let registry: RegistryServer?
    private let backups: BackupKeeper?
    private let aggregator: Aggregator
    /// What it was started with; most of it holds until the next start.
    private let started: Configuration
    private let zones: Mutex<ZoneSetup>

    /// Makes all parts; nothing listens yet.
    ///
    /// - Throws: Whatever is wrong with zones, connect string or webhooks.
    init(_ options: DaemonOptions, _ configuration: Configuration) throws {
        self.options = options
        started = configuration
        current = Mutex(configuration)
        Log.configure(level: Log.Level(configuration.logLevel) ?? .info)
        let zones = try ZoneSetup(configuration)
        self.zones = Mutex(zones)
        explainer = Mutex(Explainer(zones.configuration, files: zones.files))
        let table = AnswerTable()
        answers = AnswerKeeper(loop: viewLoop, table: table, metrics: metrics)
        names = NameServer(
            configuration: NameServerConfiguration(
                listen: SocketAddress(configuration.dns.listen),
                workers: configuration.dns.workers
            ),
            table: table,
            metrics: metrics
        )
        alerts = try AlertLog(
            startedAt: startedAt,
            metrics: metrics,
            webhooks: configuration.alerts.webhooks.map { url in
                try WebhookTarget(url: url)
            }
        )
        (registry, aggregator) = try Self.makeRegistry(
            configuration,
            store: options.storeDirectory,
            loops: (registryLoop, viewLoop),
            metrics: metrics
        )
        backups = registry.map { BackupKeeper($0, directory: options.directory) }
    }

    /// Serves until SIGTERM or SIGINT, then stops everything in order.
    ///
    /// - Throws: When an address or the data directory cannot be had.
    func run() async throws {
        let lock = try DataDirectory.lock(options.directory)
        try DataDirectory.checkStore(options.storeDirectory)
        defer { _ = consume lock }
        let signals = watchSignals()
        for notice in current.withLock({ $0.notices }) { log.notice(notice) }
        let zones = zones.withLock { $0 }
        await answers.load(zones.configuration, files: zones.files)
        await connectParts()
        raiseDescriptorLimit()
        FreedMemory.giveBackBlocks(from: Limits.largeBlockBytes)
        FreedMemory.keep(upTo: Limits.freeBytesKept)
        let registryAddress = try await listening("registry.listen") {
            try await registry?.start()
        }
        let dnsAddress = try await listening("dns.listen") { try names.start().udp }
        let facts = DaemonFacts(
            mode: registry == nil ? "ensemble" : "embedded",
            connect: registryAddress?.description
                ?? current.withLock { $0.registry.connect ?? "" },
            dns: dnsAddress.description,
            control: options.directory + "/control.sock",
            startedAt: startedAt
        )
        let console = makeConsole(facts)
        let consoleAddress = try await listening("console.listen") { try console.start() }
        if let address = consoleAddress { consoleURL.withLock { $0 = "http://\(address)" } }
        let delivering = Task { [alerts] in await alerts.run() }
        let following = Task { [aggregator] in await aggregator.run() }
        let copying = Task { [backups] in await backups?.run() }
        announce(facts)
        for await signal in signals { if await handle(signal) { break } }
        log.notice("stopping")
        following.cancel()
        await following.value
        delivering.cancel()
        await delivering.value
        await console.stop()
        copying.cancel()
        await copying.value
        names.stop()
        await registry?.stop()
        registryLoop.stop()
        viewLoop.stop()
    }
}

extension Daemon {
    /// Starts a part that listens; where it cannot, the error names the key and the way out.
    private func listening<Address>(
        _ key: String,
        _ start: () async throws -> Address
    ) async throws -> Address {
        do {
            return try await start()
        } catch {
            if let error = error as? RegistryError, error.code == .storage {
                throw StartError(message: "\(error)")
            }
            let cause = (error as? ConsoleError)?.cause ?? (error as? RegistryError)?.cause
            let system = (error as? RuntimeError) ?? cause as? RuntimeError
            let what = error is ConsoleError ? "\(error): " : ""
            log.error("\(key): \(system.map { what + "\($0)" } ?? "\(error)")")
            throw StartError(message: "\(key): \(advice(system?.code, key))")
        }
    }

    /// What to do about an address that cannot be had.
    private func advice(_ code: RuntimeError.Code?, _ key: String) -> String {
        switch code {
        case .notPermitted?:
            "ports below 1024 need a right to them: AmbientCapabilities=CAP_NET_BIND_SERVICE in its "
                + "systemd unit, or choose another: --set \(key)=127.0.0.1:1053"
        case .addressNotHere?:
            "the machine has no such address; `ip address` lists those it has, and "
                + "--set \(key)=ADDRESS:PORT takes one of them"
        case .nameTooLong?:
            "the control socket stands in the data directory, and its path may have 107 bytes: "
                + "name a shorter one with --data DIR"
        default:
            "end what has it (another musterd? a ZooKeeper: systemctl stop zookeeper), or choose "
                + "another: --set \(key)=127.0.0.1:0 takes any free port, --data DIR has its own socket"
        }
    }
}

extension Daemon {
    /// A connection needs a descriptor, and the usual limit of 1,024 is far below what the registry takes.
    private func raiseDescriptorLimit() {
        guard registry != nil else { return }
        let wanted = Limits.descriptorsWanted
        let limit = DescriptorLimit.raise(to: wanted)
        guard limit < wanted else { return }
        log.warning(
            "only \(limit) descriptors may be open, so the registry takes fewer than 10,000 connections; "
                + "raise the hard limit to \(wanted): LimitNOFILE=\(wanted), or ulimit -Hn \(wanted)"
        )
    }
}

// MARK: Signals

extension Daemon {
    /// Signals as they arrive.
    private func watchSignals() -> AsyncStream<Signal> {
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
    private func handle(_ signal: Signal) async -> Bool {
        switch signal {
        case .terminate, .interrupt: return true
        case .hangup:
            await reload()
            return false
        case .user1, .user2: return false
        }
    }

    /// Takes over what can change while running; a bad file changes nothing.
    private func reload() async {
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

// MARK: Making the parts

extension Daemon {
    private typealias Parts = (RegistryServer?, Aggregator)

    /// The registry, embedded or not, and what follows it, over one and the same client.
    private static func makeRegistry(
        _ configuration: Configuration,
        store directory: String,
        loops: (registry: EventLoop, view: EventLoop),
        metrics: MetricsRegistry
    ) throws -> Parts {
        let wanted = configuration.registry
        let follower = FactReceiver()
        let server: RegistryServer?
        let sessionConfiguration: SessionConfiguration
        if let connect = wanted.connect {
            server = nil
            sessionConfiguration = try SessionConfiguration(
                connectString: connect,
                sessionTimeout: wanted.sessionTimeout
            )
        } else {
            var registry = RegistryConfiguration(wanted)
            registry.store = StoreConfiguration(
                directory: directory,
                foldBytes: wanted.foldBytes
            )
            let embedded = RegistryServer(
                loop: loops.registry,
                configuration: registry,
                metrics: metrics
            ) { follower.tell($0) }
            server = embedded
            sessionConfiguration = SessionConfiguration(
                servers: .descriptor {
                    let (ours, theirs) = try socketPair()
                    try await embedded.attach(descriptor: theirs)
                    return ours
                },
                sessionTimeout: wanted.sessionTimeout
            )
        }
        let session = ZooKeeperSession(loop: loops.view, configuration: sessionConfiguration)
        let aggregator = Aggregator(
            loop: loops.view,
            session: session,
            configuration: MembershipConfiguration(
                dubboRoots: wanted.dubboRoots,
                ddnsRoot: wanted.ddnsRoot,
                hearsSessionEnds: server != nil
            ),
            metrics: metrics
        )
        follower.follow(aggregator)
        return (server, aggregator)
    }

    /// Hands each change from the aggregator to answers and alerts.
    private func connectParts() async {
        let answers = answers
        let alerts = alerts
        let hasBeenLive = Mutex(false)
        await aggregator.attach(observer: { batch in
            answers.follow(batch.deltas, batch.view, noticedAt: batch.noticedAt)
            let isChange = hasBeenLive.withLock { hasBeenLive in
                defer { hasBeenLive = hasBeenLive || batch.view.freshness == .live }
                return hasBeenLive
            }
            alerts.record(batch.deltas, as: isChange ? .change : .baseline)
        })
    }

    private func makeConsole(_ facts: DaemonFacts) -> ConsoleServer {
        let settings = current.withLock { $0.console }
        let sources = ConsoleSources(
            view: aggregator.view,
            status: { [self] in status(facts) },
            explain: { [self] in explain($0, $1) },
            events: alerts.feed,
            metrics: metrics,
            backups: backups?.desk
        )
        let configuration = ConsoleConfiguration(
            listen: SocketAddress(settings.listen),
            controlSocket: facts.control,
            hosts: settings.hosts
        )
        return ConsoleServer(configuration: configuration, sources: sources, loop: viewLoop)
    }

    private func announce(_ facts: DaemonFacts) {
        let rows = [
            ("registry", facts.connect), ("dns", facts.dns),
            ("console", consoleURL.withLock { $0 }),
            ("control", facts.control),
        ]
        print("musterd \(Musterd.version)")
        for (name, value) in rows {
            print("  " + name + String(repeating: " ", count: 10 - name.count) + value)
        }
        print("ready")
        StandardStreams.flush()
    }

    private func status(_ facts: DaemonFacts) -> [String: JSONValue] {
        let view = aggregator.view.snapshot()
        let session =
            switch view.freshness {
            case .notReady: "connecting"
            case .live: "connected"
            case .stale: "suspended"
            }
        return facts.status(
            metrics,
            session: session,
            origins: answers.origins.snapshot().map(\.description),
            queries: names.queryCount,
            console: consoleURL.withLock { $0 },
            warnings: warnings(view)
        )
    }

    /// What an operator should look at.
    private func warnings(_ view: MembershipView) -> [String] {
        var warnings: [String] = []
        if let trouble = registry?.trouble.snapshot() { warnings.append(trouble) }
        switch view.freshness {
        case .live: break
        case .stale:
            warnings.append("the registry is out of reach; answers are the last known ones")
        case .notReady where registry == nil:
            let connect = current.withLock { $0.registry.connect ?? "" }
            warnings.append(
                "the registry (\(connect)) was never reached, so live names are SERVFAIL; "
                    + "the log says why, at the level info"
            )
        case .notReady: break
        }
        for fault in answers.faults.snapshot().prefix(Limits.warningsMax) {
            warnings.append("\(fault.service) has no DNS name: \(fault.reason)")
        }
        return warnings
    }

    private func explain(_ name: String, _ type: String?) -> ConsoleSources.Explanation {
        guard let dnsName = try? DNSName(name) else {
            return .refused(
                message: "'\(name)' is no DNS name",
                advice: "labels have 1 to 63 bytes"
            )
        }
        guard let rrType = RRType(type ?? "A") else {
            return .refused(
                message: "'\(type ?? "")' is no record type",
                advice: "A, AAAA, SRV, TXT"
            )
        }
        let explainer = explainer.withLock { $0 }
        let view = aggregator.view.snapshot()
        return .lines(
            explainer.explain(dnsName, rrType, view: view, time: EventLoop.unixNow()).lines
        )
    }
}
