import Foundation
import TestSupport
import Testing
import ZooKeeperClient
import ZooKeeperProtocol

/// `muster server import` that is ended, or loses its server, while an access list is open for it.
@Suite(.timeLimit(.minutes(3))) struct ImportEndTests {
    private static let closed = [ACL(.all, scheme: "digest", id: TransferTree.owner)]
    /// So many that an import is still at it when the first one is seen.
    private static let children = 20_000

    private let directory: TemporaryDirectory
    private let daemon: CrashedDaemon
    private let file: String

    init() throws {
        directory = try TemporaryDirectory()
        daemon = try CrashedDaemon()
        var lines = [#"{"path":"/closed","data":"","acl":["digest:\#(TransferTree.owner):cdrwa"]}"#]
        for number in 0..<Self.children {
            lines.append(
                #"{"path":"/closed/\#(number)","data":"","acl":["world:anyone:cdrwa"]}"#
            )
        }
        file = try directory.write("file", lines.joined(separator: "\n"))
    }

    private func words(_ more: String...) -> [String] {
        [Checkout.program("muster"), "server", "import", file, "--server", daemon.registry] + more
    }

    /// Starts an import, and stops the daemon with a signal when the first child is there.
    private func begin(_ signal: Int32) async throws -> Program {
        try await daemon.start()
        let client = try daemon.client()
        let program = try Program(words())
        let isThere = try await eventually {
            let request = Request.exists(ExistsRequest(path: "/closed/0", watch: false))
            guard case .success? = try client.ask([request])?[0].outcome else { return false }
            return true
        }
        daemon.program?.signal(signal)
        try #require(isThere && program.isRunning, "\(program.errors)")
        return program
    }

    /// Has the access list of the closed znode.
    private func list() async throws -> [ACL] {
        try await TransferTree.session(daemon.registry, credential: true) { session in
            try await session.getACL("/closed").acl
        }
    }

    private func childCount() async throws -> Int32? {
        try await TransferTree.session(daemon.registry, credential: true) { session in
            try await session.exists("/closed")?.numChildren
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal ends an import with all access lists given back, and another one goes on`(
        signal: Int32
    ) async throws {
        let program = try await begin(SIGSTOP)
        program.signal(signal)
        let isHeard = await eventually { program.errors.contains("ending in order") }
        daemon.program?.signal(SIGCONT)
        try #require(isHeard, "\(program.errors)")
        let outcome = await program.wait()
        #expect(outcome.status == 128 + signal, "\(outcome)")
        #expect(outcome.errors.contains("interrupted; "), "\(outcome.errors)")
        #expect(outcome.errors.contains("--existing skip goes on"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("entry more"), "\(outcome.errors)")
        #expect(try await list() == Self.closed)
        let made = try #require(try await childCount())
        #expect(made > 0 && made < Self.children)
        let auth = try directory.write("auth", TransferTree.credential)
        let rest = try await Program.run(words("--existing", "skip", "--auth", auth))
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try await childCount() == Int32(Self.children))
        #expect(try await list() == Self.closed)
        await daemon.kill()
    }

    @Test func `what a dead server was left with is named, and can be taken over`() async throws {
        let program = try await begin(SIGKILL)
        program.signal(SIGINT)
        let outcome = await program.wait()
        #expect(outcome.status == 130, "\(outcome)")
        let parts = outcome.errors.split(separator: "\n")
        #expect(parts.contains { $0.contains("entry more") && $0.hasSuffix(": /closed") })
        #expect(outcome.errors.contains("--existing overwrite and --auth FILE"))
        let credential = try #require(parts.first { $0.hasPrefix("  digest muster-import:") })
        _ = await daemon.program?.wait()
        try await daemon.start()
        #expect(try await list().count == 2)
        let auth = try directory.write("auth", credential.dropFirst(2) + "\n")
        let rest = try await Program.run(words("--existing", "overwrite", "--auth", auth))
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try await list() == Self.closed)
        #expect(try await childCount() == Int32(Self.children))
        await daemon.kill()
    }

    @Test func `a second signal ends an import at once`() async throws {
        let program = try await begin(SIGSTOP)
        program.signal(SIGTERM)
        #expect(await eventually { program.errors.contains("ending in order") })
        program.signal(SIGTERM)
        let outcome = await program.wait(within: .seconds(10))
        #expect(outcome.status == 143, "\(outcome)")
        // The daemon may have been stopped when the list was given back already.
        daemon.program?.signal(SIGCONT)
        let isNamed = outcome.errors.contains("entry more")
        let list = try await list()
        #expect(isNamed || list == Self.closed, "\(outcome.errors)")
        await daemon.kill()
    }
}
