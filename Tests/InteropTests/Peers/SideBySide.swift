import Foundation
import TestSupport
import Testing

/// `musterd` and ZooKeeper 3.8 beside each other, for programs that must find no difference.
struct SideBySide {
    let daemon: Daemon
    let server: ZooKeeperServer

    /// Starts both.
    ///
    /// - Parameters:
    ///   - tickMilliseconds: Of both; sessions last 2 to 20 ticks.
    ///   - settings: Further settings of the daemon.
    ///   - properties: Java properties of ZooKeeper, such as `zookeeper.extendedTypesEnabled=true`.
    /// - Throws: What says why one of them did not start.
    init(
        tickMilliseconds: Int = 200,
        settings: [String] = [],
        properties: [String] = []
    ) async throws {
        async let server = ZooKeeperServer(
            tickMilliseconds: tickMilliseconds,
            javaProperties: properties
        )
        daemon = try await Daemon(
            settings: ["registry.tickTime=\(tickMilliseconds)"] + settings,
            waitsForView: false
        )
        self.server = try await server
    }

    /// Runs a program against both at once; it must succeed, and print the same lines.
    ///
    /// - Parameters:
    ///   - limit: When it is killed.
    ///   - words: The program and its arguments for a server's `address:port`.
    /// - Returns: The lines.
    /// - Throws: What says that it did not succeed, with its output.
    @discardableResult
    func sameLines(
        within limit: Duration = .seconds(120),
        _ words: (String) -> [String]
    ) async throws -> [Substring] {
        let (here, there) = (words(daemon.registry), words(server.address))
        async let theirs = Program.run(there, within: limit)
        let ours = try await Program.run(here, within: limit)
        let expected = try await theirs
        try #require(
            expected.status == 0,
            "against ZooKeeper:\n\(expected.output)\n\(expected.errors)"
        )
        try #require(ours.status == 0, "against musterd:\n\(ours.output)\n\(ours.errors)")
        let mine = ours.output.split(separator: "\n")
        let their = expected.output.split(separator: "\n")
        let changes = mine.difference(from: their).map { change in
            switch change {
            case .insert(let offset, let line, _): "musterd \(offset + 1): \(line)"
            case .remove(let offset, let line, _): "ZooKeeper \(offset + 1): \(line)"
            }
        }
        #expect(changes.isEmpty, "\(changes.joined(separator: "\n"))")
        #expect(!mine.isEmpty)
        return mine
    }

    /// Ends both; the daemon must end well.
    func stop() async {
        server.program.signal(SIGKILL)
        let outcome = await daemon.stop()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
