import Alerts
import Console
import Membership
import Runtime
import ServiceModel
import Synchronization
import Telemetry
import ZooKeeperClient
import ZooKeeperServer

// MARK: Making the parts

extension Daemon {
    typealias Parts = (RegistryServer?, Aggregator)

    /// The registry, embedded or not, and what follows it, over one and the same client.
    static func makeRegistry(
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
            sessionConfiguration = try .init(toEnsemble: connect, wanted)
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
    func connectParts() async {
        let answers = answers
        let (alerts, keeper) = (alerts, keeper)
        let stage = Mutex(FirstReading())
        await aggregator.attach(observer: { [self] batch in
            answers.follow(batch.deltas, batch.view, noticedAt: batch.noticedAt)
            keeper.follow(batch.view)
            let origin = stage.withLock { $0.origin(of: batch.view.freshness) }
            alerts.record(batch.deltas, as: origin)
            if batch.view.freshness == .live { joinOthers() }
        })
    }

    /// Lets the other daemons know of this one, once it answers from a live view.
    func joinOthers() {
        guard let roster = roster.withLock({ $0 }), let entry = ownEntry.withLock({ $0 }) else {
            return
        }
        roster.begin(entry)
    }

    /// The other daemons on the ensemble, over a session beside the aggregator's.
    ///
    /// - Returns: Nil where nothing is shared.
    func makeRoster() throws -> DaemonRoster? {
        let wanted = started.registry
        guard let connect = wanted.connect, !wanted.observe else { return nil }
        let id = try DaemonIdentity.load(in: options.directory)
        alerts.share(as: id, window: DaemonRoster.window(wanted.sessionTimeout))
        let session = ZooKeeperSession(
            loop: viewLoop,
            configuration: try SessionConfiguration(toEnsemble: connect, wanted)
        )
        return DaemonRoster(id: id, session: session, alerts: alerts)
    }

    func makeConsole(_ facts: DaemonFacts) -> ConsoleServer {
        let settings = current.withLock { $0.console }
        let sources = ConsoleSources(
            view: aggregator.view,
            status: { [self] in status(facts) },
            explain: { [self] in explain($0, $1) },
            events: alerts.feed,
            metrics: metrics,
            backups: backups?.desk,
            outage: { [self] in describeOutage(aggregator.view.snapshot()) }
        )
        let configuration = ConsoleConfiguration(
            listen: SocketAddress(settings.listen),
            controlSocket: facts.control,
            hosts: settings.hosts
        )
        return ConsoleServer(configuration: configuration, sources: sources, loop: viewLoop)
    }
}

extension SessionConfiguration {
    /// A session of the daemon's own with an ensemble.
    init(toEnsemble connect: String, _ wanted: Configuration.Registry) throws(ZooKeeperError) {
        try self.init(connectString: connect, sessionTimeout: wanted.sessionTimeout)
        credentials = wanted.auth.map {
            Credential(scheme: $0.scheme, bytes: Array($0.secret.utf8))
        }
    }
}

/// What deltas tell of, by what the view was before them.
struct FirstReading {
    private var hasBeenLive = false
    private var hasRemembered = false

    /// Whether the deltas of a batch are news.
    ///
    /// Of a view that was remembered, the first reading tells what happened since; else it tells what is.
    ///
    /// - Parameter freshness: Of the view after the batch.
    /// - Returns: How alerts take them.
    mutating func origin(of freshness: MembershipView.Freshness) -> AlertLog.Origin {
        defer { if freshness == .live { hasBeenLive = true } }
        if hasBeenLive { return .change }
        if case .stale = freshness { hasRemembered = true }
        return hasRemembered ? .earlier : .baseline
    }
}
