internal import FoundationEssentials
public import Runtime
public import ServiceModel
internal import Synchronization
internal import Telemetry
public import ZooKeeperServer

/// The embedded registry on a free loopback port, for tests; what Curator calls a TestingServer.
///
/// ```swift
/// let registry = try await TestRegistry.start()
/// let loop = EventLoop(name: "client")
/// let client = ZooKeeperSession(
///     loop: loop,
///     configuration: try SessionConfiguration(connectString: registry.connectString)
/// )
/// let running = Task { await client.run() }
/// try await client.create("/colour", data: Array("blue".utf8))
/// #expect(try await client.getData("/colour").data == Array("blue".utf8))
/// await client.close()
/// await running.value
/// loop.stop()
/// await registry.close()
/// ```
/// It has a loop of its own, so that tests may run side by side, and a directory of its own for what belongs
/// to the test. After `stop` and `restart` it listens on the same port. A tree in memory is empty then, and its
/// zxids are above all that it gave out before, so that clients learn at once that their sessions are over; one
/// on disk has lost nothing, and clients go on with their sessions.
public final class TestRegistry: Sendable {
    /// What a stop leaves.
    public enum Memory: Sendable {
        /// Nothing; the quickest to start.
        case process
        /// Everything, in the registry's directory; each change waits for the disk.
        case disk
    }

    /// Where it listens, also while it is stopped.
    public let address: SocketAddress
    /// A temporary directory of its own, there from `start` until `close`, or until nobody has the registry.
    public let directory: String
    private let configuration: RegistryConfiguration
    private let facts: @Sendable (SessionFact) -> Void
    private let run: Mutex<Run>

    /// One life of the registry, from a start to a stop.
    private struct Run: Sendable {
        let server: RegistryServer
        let loop: EventLoop
        var isOver = false
    }
    /// The last zxid of the runs that are over.
    private let seen = Mutex<Int64>(0)

    /// What clients are given to connect to, `127.0.0.1:PORT`.
    public var connectString: String { "\(address)" }

    /// The registry itself, for facts and figures; another one after `restart`.
    public var server: RegistryServer { run.withLock { $0.server } }

    private init(
        _ run: Run,
        _ address: SocketAddress,
        _ configuration: RegistryConfiguration,
        _ facts: @escaping @Sendable (SessionFact) -> Void,
        directory: String
    ) {
        self.run = Mutex(run)
        (self.address, self.directory) = (address, directory)
        (self.configuration, self.facts) = (configuration, facts)
    }

    /// Starts a registry and returns when clients can connect.
    ///
    /// - Parameters:
    ///   - tickTime: Session timeouts lie between 2 and 20 of these.
    ///   - memory: What a stop leaves.
    ///   - facts: Called on the registry's loop with what happens to sessions.
    /// - Returns: A registry that runs until `stop` or `close`.
    /// - Throws: `RegistryError` when no port is to be had.
    public static func start(
        tickTime: Duration = .milliseconds(500),
        memory: Memory = .process,
        facts: @escaping @Sendable (SessionFact) -> Void = { _ in }
    ) async throws(RegistryError) -> TestRegistry {
        try await start(
            RegistryConfiguration(listen: .loopback(), tickTime: tickTime),
            memory: memory,
            facts: facts
        )
    }

    /// Starts a registry with a configuration of one's own; port 0 takes any free one.
    ///
    /// - Parameters:
    ///   - configuration: Must name an address.
    ///   - memory: What a stop leaves; for `.disk` the store is in the registry's directory.
    ///   - facts: Called on the registry's loop with what happens to sessions.
    /// - Returns: A registry that runs until `stop` or `close`.
    /// - Throws: `RegistryError` when it cannot start.
    public static func start(
        _ configuration: RegistryConfiguration,
        memory: Memory = .process,
        facts: @escaping @Sendable (SessionFact) -> Void = { _ in }
    ) async throws(RegistryError) -> TestRegistry {
        var configuration = configuration
        configuration.listen = configuration.listen ?? .loopback()
        let directory = try makeDirectory()
        if memory == .disk {
            configuration.store = StoreConfiguration(directory: directory + "/registry")
        }
        do throws(RegistryError) {
            let (run, address) = try await begin(configuration, facts)
            configuration.listen = address
            return TestRegistry(run, address, configuration, facts, directory: directory)
        } catch {
            remove(directory)
            throw error
        }
    }

    private static func makeDirectory() throws(RegistryError) -> String {
        let files = FileManager.default
        let name = "muster-registry-\(UUID().uuidString)"
        let directory = files.temporaryDirectory.appendingPathComponent(name).path
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw RegistryError.noDirectory(directory, cause: error)
        }
        return directory
    }

    /// Closes all connections and the listener; the directory stays, and so does a tree on disk.
    ///
    /// Does nothing for a registry that is stopped.
    public func stop() async {
        let last = run.withLock { run -> Run? in
            defer { run.isOver = true }
            return run.isOver ? nil : run
        }
        guard let last else { return }
        let zxid = await last.server.status().zxid
        seen.withLock { $0 = max($0, zxid) }
        await Self.end(last)
    }

    /// Serves again on the same port, after a stop if need be.
    ///
    /// - Throws: `RegistryError` `.cannotListen` when another took the port meanwhile; `.storage`.
    public func restart() async throws(RegistryError) {
        await stop()
        var configuration = configuration
        let start = RegistryConfiguration.firstZxid(at: EventLoop.unixNow())
        configuration.firstZxid = max(configuration.firstZxid ?? 0, start, seen.withLock { $0 } + 1)
        let (next, _) = try await Self.begin(configuration, facts)
        run.withLock { $0 = next }
    }

    /// Stops and removes the directory with all that is in it.
    public func close() async {
        await stop()
        Self.remove(directory)
    }

    deinit { Self.remove(directory) }

    private static func remove(_ directory: String) {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            Log("registry").debug("\(directory) is not removed: \(error)")
        }
    }

    private static func begin(
        _ configuration: RegistryConfiguration,
        _ facts: @escaping @Sendable (SessionFact) -> Void
    ) async throws(RegistryError) -> (Run, SocketAddress) {
        let loop = EventLoop(name: "test-registry")
        let server = RegistryServer(
            loop: loop,
            configuration: configuration,
            metrics: MetricsRegistry(),
            facts: facts
        )
        do throws(RegistryError) {
            let address = try await server.start() ?? .loopback()
            return (Run(server: server, loop: loop), address)
        } catch {
            loop.stop()
            throw error
        }
    }

    private static func end(_ run: Run) async {
        await run.server.stop()
        run.loop.stop()
    }
}
