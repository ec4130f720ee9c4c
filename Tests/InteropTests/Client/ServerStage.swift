import Runtime
import TestRegistry
import TestSupport
import Testing
import ZooKeeperClient

/// A server of either kind with a relay before it, and sessions that end with the test.
struct ServerStage {
    /// Which server it is, for messages.
    let name: String
    /// `127.0.0.1:port`.
    let connectString: String
    /// True where the server seems not to know persistent watches.
    let isOld: Bool
    private let loop: EventLoop

    /// Runs a body on the embedded registry and on Debian's ZooKeeper 3.8, and says on which it failed.
    ///
    /// - Parameters:
    ///   - tickMilliseconds: Sessions last 2 to 20 of these.
    ///   - alsoOld: Once more on each, made to look like a server before 3.6.
    ///   - body: Makes the same assertions on all; its paths begin with `root`.
    /// - Throws: What says that a server did not start.
    static func onBoth(
        tickMilliseconds: Int = 500,
        alsoOld: Bool = false,
        _ body: (_ stage: ServerStage, _ root: String) async throws -> Void
    ) async throws {
        // Starts while the other one is used: most of its start is waiting.
        async let starting = ZooKeeperServer(tickMilliseconds: tickMilliseconds)
        let registry = try await TestRegistry.start(tickTime: .milliseconds(tickMilliseconds))
        await run("the embedded registry", registry.connectString, alsoOld, body)
        await registry.close()
        let server = try await starting
        await run("ZooKeeper 3.8", server.address, alsoOld, body)
        withExtendedLifetime(server) {}
    }

    private static func run(
        _ name: String,
        _ connectString: String,
        _ alsoOld: Bool,
        _ body: (_ stage: ServerStage, _ root: String) async throws -> Void
    ) async {
        for isOld in alsoOld ? [false, true] : [false] {
            let loop = EventLoop(name: "t-stage")
            let stage = ServerStage(
                name: isOld ? name + ", as an old one" : name,
                connectString: connectString,
                isOld: isOld,
                loop: loop
            )
            do {
                try await body(stage, isOld ? "/old" : "/new")
            } catch {
                Issue.record(error, "on \(stage.name)")
            }
            loop.stop()
        }
    }

    /// Opens a session through a relay of its own, runs a body in it and closes it.
    ///
    /// - Parameters:
    ///   - timeout: The session timeout that is asked for.
    ///   - identity: A session to take over.
    ///   - body: What it throws fails the test.
    /// - Throws: What says that the server's address is none.
    func withSession(
        timeout: Duration = .seconds(10),
        identity: SessionIdentity? = nil,
        _ body: (ZooKeeperSession, FaultRelay) async throws -> Void
    ) async throws {
        let address = try #require(SocketAddress(connectString))
        let relay = FaultRelay(loop: loop, registry: address, isOld: isOld)
        var configuration = SessionConfiguration(
            servers: .descriptor { try await relay.connect() },
            sessionTimeout: timeout
        )
        configuration.identity = identity
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await body(session, relay)
            } catch {
                Issue.record(error, "on \(name)")
            }
            group.cancelAll()
        }
        await relay.cut()
    }

    /// The code with which a server refuses something; nil where it does not.
    static func code(_ operation: () async throws -> Void) async -> ZooKeeperError? {
        do {
            try await operation()
            return nil
        } catch {
            return error as? ZooKeeperError
        }
    }
}
