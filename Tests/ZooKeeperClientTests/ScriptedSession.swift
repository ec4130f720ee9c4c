import Runtime
import Testing
import ZooKeeperClient

/// Runs a test with a session against a scripted server, then ends session and loop.
///
/// - Parameters:
///   - timeout: The session's.
///   - script: What the server answers.
///   - chroot: The session's.
///   - body: The test.
func withScriptedSession(
    timeout: Duration = .seconds(10),
    script: @escaping FakeServer.Script = FakeServer.agreeable,
    chroot: String = "",
    _ body: (ZooKeeperSession, FakeServer) async throws -> Void
) async {
    let loop = EventLoop(name: "t-scripted")
    let server = FakeServer(loop: loop, script: script)
    var configuration = SessionConfiguration(
        servers: .descriptor { try await server.connect() },
        sessionTimeout: timeout
    )
    configuration.chroot = chroot
    let session = ZooKeeperSession(loop: loop, configuration: configuration)
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await session.run() }
        do {
            try await body(session, server)
        } catch {
            Issue.record(error)
        }
        group.cancelAll()
    }
    await server.hangUpAll()
    loop.stop()
}
