import Membership
import Runtime
import TestSupport
import Testing
import ZooKeeperClient

/// One service on an ensemble, with providers that a test registers and answers that it looks at.
enum OutageWorld {
    private static let service = "com.example.Steady"
    private static let name = "com.example.Steady.dubbo.muster.internal"

    /// Runs a registrar with a session of a minute.
    static func withRegistrar(
        _ ensemble: Ensemble,
        _ body: (Registrar, ZooKeeperSession) async throws -> Void
    ) async throws {
        let loop = EventLoop(name: "provider")
        defer { loop.stop() }
        let configuration = try SessionConfiguration(
            connectString: ensemble.connectString,
            sessionTimeout: .seconds(60)
        )
        let session = ZooKeeperSession(loop: loop, configuration: configuration)
        let registrar = Registrar(loop: loop, session: session)
        try await withThrowingTaskGroup { group in
            defer { group.cancelAll() }
            group.addTask { await registrar.run() }
            try await body(registrar, session)
        }
    }

    /// The znode of a provider.
    static func path(_ host: String) -> String {
        "/dubbo/\(service)/providers/dubbo%3A%2F%2F\(host)%3A20880%2F\(service)"
            + "%3Fapplication%3Doutage"
    }

    /// Registers a provider and waits until it is among the answers.
    static func register(_ host: String, at registrar: Registrar, in dns: String) async throws {
        try await registrar.register(path: path(host))
        let isThere = try await eventually {
            try await Dig(dns, name, "A").answers.contains(host)
        }
        try #require(isThere, "\(host) is not in the answers")
    }

    /// The answer is these addresses in time, and nothing is said about it.
    static func expectLive(
        _ addresses: [String],
        _ dns: String,
        within limit: Duration = .seconds(30),
        through wrapper: [String] = []
    ) async throws {
        var text = ""
        let isLive = try await eventually(within: limit) {
            let answer = try await Dig(dns, name, "A", through: wrapper)
            text = answer.text
            return answer.status == "NOERROR" && answer.answers.sorted() == addresses
                && !text.contains("; EDE:")
        }
        #expect(isLive, "\(text)")
    }

    /// The answer is what it was, lives for 5 s at most, and in time says that it is stale (RFC 8914, code 3).
    ///
    /// Of a name that nobody knew that is said too (code 19).
    static func expectStale(
        _ addresses: [String],
        _ dns: String,
        through wrapper: [String] = []
    ) async throws {
        var text = ""
        let isStale = try await eventually(within: .seconds(60)) {
            let answer = try await Dig(dns, name, "A", through: wrapper)
            text = answer.text
            let isWhole = answer.status == "NOERROR" && answer.answers.sorted() == addresses
            try #require(isWhole, "\(text)")
            return text.contains("; EDE: 3 ")
        }
        #expect(isStale, "\(text)")
        let unknown = try await Dig(dns, "none.dubbo.muster.internal", "A", through: wrapper)
        #expect(unknown.status == "NXDOMAIN", "\(unknown.text)")
        #expect(unknown.text.contains("; EDE: 19 "), "\(unknown.text)")
    }
}
