public import Runtime
public import ServiceModel
internal import Telemetry
public import ZooKeeperServer

/// The embedded registry on a free loopback port, for tests.
///
/// ```
/// let registry = try await TestRegistry.start()
/// // connect any ZooKeeper client to registry.connectString
/// await registry.stop()
/// ```
/// It has a loop of its own, so that tests may run side by side. Everything is in memory; a registry that
/// was stopped is gone.
public final class TestRegistry: Sendable {
    /// The registry itself, for facts and figures.
    public let server: RegistryServer
    /// Where it listens.
    public let address: SocketAddress
    private let loop: EventLoop

    /// What clients are given to connect to, `127.0.0.1:PORT`.
    public var connectString: String { "\(address)" }

    private init(server: RegistryServer, address: SocketAddress, loop: EventLoop) {
        (self.server, self.address, self.loop) = (server, address, loop)
    }

    /// Starts a registry and returns when clients can connect.
    ///
    /// - Parameters:
    ///   - tickTime: Session timeouts lie between 2 and 20 of these.
    ///   - facts: Called on the registry's loop with what happens to sessions.
    /// - Returns: A registry that runs until `stop`.
    /// - Throws: `RegistryError` when no port is to be had.
    public static func start(
        tickTime: Duration = .milliseconds(500),
        facts: @escaping @Sendable (SessionFact) -> Void = { _ in }
    ) async throws(RegistryError) -> TestRegistry {
        try await start(
            RegistryConfiguration(listen: .loopback(), tickTime: tickTime),
            facts: facts
        )
    }

    /// Starts a registry with a configuration of one's own; port 0 takes any free one.
    ///
    /// - Parameters:
    ///   - configuration: Must name an address.
    ///   - facts: Called on the registry's loop with what happens to sessions.
    /// - Returns: A registry that runs until `stop`.
    /// - Throws: `RegistryError` when it cannot start.
    public static func start(
        _ configuration: RegistryConfiguration,
        facts: @escaping @Sendable (SessionFact) -> Void = { _ in }
    ) async throws(RegistryError) -> TestRegistry {
        var configuration = configuration
        configuration.listen = configuration.listen ?? .loopback()
        let loop = EventLoop(name: "test-registry")
        let server = RegistryServer(
            loop: loop,
            configuration: configuration,
            metrics: MetricsRegistry(),
            facts: facts
        )
        do throws(RegistryError) {
            let address = try await server.start() ?? .loopback()
            return TestRegistry(server: server, address: address, loop: loop)
        } catch {
            loop.stop()
            throw error
        }
    }

    /// Closes all connections and ends the registry's thread; its sessions and nodes are gone.
    public func stop() async {
        await server.stop()
        loop.stop()
    }
}
