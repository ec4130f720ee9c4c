import Runtime
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// Servers with `-Dreadonlymode.enabled=true`, one of which has lost the others, and our client on it.
///
/// Such a server refuses every session that all servers know; those of `localSessionsEnabled` it grants.
@Suite(.needs(.zooKeeperServer), .timeLimit(.minutes(4))) struct ReadOnlyServerTests {
    /// What becomes of the server that is left when the two others are back.
    enum Kind: CaseIterable, Sendable {
        /// It follows them again, and closes its clients' connections.
        case rejoins
        /// It goes on reading, cut off: whoever wants to write has to look for the others.
        case staysAlone
    }

    @Test(arguments: Kind.allCases)
    func `A1.11 A1.13 a session reads at the server that is left, and writes when two are back`(
        kind: Kind
    ) async throws {
        let ensemble = try await Ensemble(
            javaProperties: ["readonlymode.enabled=true"],
            settings: ["localSessionsEnabled=true"]
        )
        var configuration = try SessionConfiguration(connectString: ensemble.connectString)
        configuration.allowsReadOnly = true
        let loop = EventLoop(name: "t-reads")
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await readAndMove(session, ensemble, kind)
            } catch {
                Issue.record(error)
            }
            group.cancelAll()
        }
        loop.stop()
    }

    private func readAndMove(
        _ session: ZooKeeperSession,
        _ ensemble: Ensemble,
        _ kind: Kind
    ) async throws {
        try await session.create("/kept", data: Array("before".utf8))
        let left = try #require(ensemble.followers.first)
        let others = Ensemble.numbers.filter { $0 != left }
        if kind == .staysAlone {
            // It has seen all that the session has: a server that is behind would not take it.
            try await untilSeen("/kept", at: ensemble.address(left))
            await ensemble.kill(left)
            try ensemble.startCutOff(left)
            let isAlone = await eventually(within: .seconds(60)) {
                ensemble.mode(left) == "read-only"
            }
            try #require(isAlone)
        }
        for number in others { await ensemble.kill(number) }
        let isReading = await eventually(within: .seconds(60)) {
            if case .connectedReadOnly = await session.state { true } else { false }
        }
        try #require(isReading)

        #expect(try await session.getData("/kept").data == Array("before".utf8))
        let refusal = await #expect(throws: ZooKeeperError.self) {
            try await session.setData("/kept", data: Array("lost".utf8))
        }
        #expect(refusal?.server == .notReadOnly)
        let words = "\(ensemble.address(left)) is cut off from its ensemble and only reads"
        #expect(refusal?.message.contains(words) == true, "\(refusal?.message ?? "")")

        for number in others { try ensemble.start(number) }
        let isMoved = await eventually(within: .seconds(90)) {
            if case .connected = await session.state { true } else { false }
        }
        try #require(isMoved)
        if kind == .staysAlone { #expect(ensemble.mode(left) == "read-only") }
        try await session.setData("/kept", data: Array("after".utf8))
        #expect(try await session.getData("/kept").data == Array("after".utf8))
    }

    /// Waits until a server has a znode.
    private func untilSeen(_ path: String, at address: String) async throws {
        let configuration = try SessionConfiguration(connectString: address)
        let loop = EventLoop(name: "t-seen")
        let reader = ZooKeeperSession(loop: loop, configuration: configuration)
        async let running: Void = reader.run()
        let isSeen = try await eventually { try await reader.exists(path) != nil }
        await reader.close()
        await running
        loop.stop()
        try #require(isSeen)
    }
}
