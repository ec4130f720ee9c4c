import Alerts
import Console
import DNSServer
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
    let options: DaemonOptions
    let current: Mutex<Configuration>
    let log = Log("musterd")
    let metrics = MetricsRegistry()
    let registryLoop = EventLoop(name: "registry")
    let viewLoop = EventLoop(name: "view")
    let startedAt = EventLoop.unixNow()
    let answers: AnswerKeeper
    let explainer: Mutex<Explainer>
    let consoleURL = Mutex("")
    let names: NameServer
    let alerts: AlertLog
    let registry: RegistryServer?
    let backups: BackupKeeper?
    let aggregator: Aggregator
    let keeper: ViewKeeper
    /// Nil beside the embedded registry, which is one daemon's, and where this daemon only observes.
    let roster = Mutex<DaemonRoster?>(nil)
    /// Why the embedded registry is not served although the daemon runs.
    let outage = Mutex<String?>(nil)
    /// What the others are told of this daemon, once its addresses are known.
    let ownEntry = Mutex<DaemonEntry.Facts?>(nil)
    /// What it was started with; most of it holds until the next start.
    let started: Configuration
    let zones: Mutex<ZoneSetup>

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
        let refresh = configuration.dns.maxStale / Limits.viewRefreshParts
        keeper = ViewKeeper(
            loop: viewLoop,
            file: try ViewFile(in: options.directory, of: configuration.registry),
            plan: ViewWritePlan(
                pause: registry == nil ? Limits.viewWritePause : Limits.viewWritePauseEmbedded,
                refresh: min(refresh, Limits.viewRefresh)
            )
        )
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
        let remembered = await readView()
        let roster = try makeRoster()
        self.roster.withLock { $0 = roster }
        let zones = zones.withLock { $0 }
        await answers.load(zones.configuration, files: zones.files)
        await connectParts()
        raiseDescriptorLimit()
        FreedMemory.giveBackBlocks(from: Limits.largeBlockBytes)
        FreedMemory.keep(upTo: Limits.freeBytesKept)
        let registryAddress = try await startRegistry(remembered)
        let dnsAddress = try await listening("dns.listen") { try names.start().udp }
        let facts = DaemonFacts(
            mode: registry == nil ? "ensemble" : "embedded",
            connect: registryAddress?.description
                ?? started.registry.connect ?? "\(started.registry.listen)",
            dns: dnsAddress.description,
            control: options.directory + "/control.sock",
            startedAt: startedAt
        )
        let console = makeConsole(facts)
        let consoleAddress = try await listening("console.listen") { try console.start() }
        if let address = consoleAddress { consoleURL.withLock { $0 = "http://\(address)" } }
        let delivering = Task { [alerts] in await alerts.run() }
        let hooks = started.alerts.webhooks.count
        ownEntry.withLock { $0 = facts.entry(console: consoleURL.withLock { $0 }, webhooks: hooks) }
        let hasRegistry = outage.withLock { $0 == nil }
        let following = Task { [aggregator] in if hasRegistry { await aggregator.run() } }
        let copying = Task { [backups] in await backups?.run() }
        let meeting = Task { await roster?.run() }
        announce(facts)
        for await signal in signals { if await handle(signal) { break } }
        log.notice("stopping")
        following.cancel()
        await following.value
        await keeper.stop()
        delivering.cancel()
        await delivering.value
        // Last, so that nobody takes over what is still being told.
        meeting.cancel()
        await meeting.value
        await console.stop()
        copying.cancel()
        await copying.value
        names.stop()
        await registry?.stop()
        registryLoop.stop()
        viewLoop.stop()
    }
}
