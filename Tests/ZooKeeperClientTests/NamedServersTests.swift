import Runtime
import ServiceModel
import Synchronization
import TestSupport
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

/// Sessions whose servers have names, with a resolver that the test answers for.
@Suite struct NamedServersTests {
    /// Look-ups in the order in which they were asked for.
    private final class Names: Sendable {
        private struct Question {
            let host: String
            let done: @Sendable (Resolver.Outcome) -> Void
        }
        private let questions = Mutex<[Question]>([])
        private let answer: @Sendable (_ host: String, _ number: Int) -> [SocketAddress]?

        /// - Parameter answer: Addresses of a host in the n-th look-up; nil hangs.
        init(answer: @escaping @Sendable (_ host: String, _ number: Int) -> [SocketAddress]?) {
            self.answer = answer
        }

        var asked: [String] { questions.withLock { $0.map(\.host) } }

        func lookUp(_ host: String, _ done: @escaping @Sendable (Resolver.Outcome) -> Void) {
            let count = questions.withLock { questions in
                questions.append(Question(host: host, done: done))
                return questions.count
            }
            if let addresses = answer(host, count) { done(.success(addresses)) }
        }

        /// The answer to an earlier question.
        func answer(question: Int, _ address: SocketAddress) {
            questions.withLock { $0[question] }.done(.success([address]))
        }
    }

    private func run(
        _ hosts: [String],
        _ names: Names,
        on loop: EventLoop,
        _ body: (ZooKeeperSession) async throws -> Void
    ) async throws {
        let configuration = SessionConfiguration(servers: .hosts(hosts))
        let session = ZooKeeperSession(loop: loop, configuration: configuration) {
            names.lookUp($0, $1)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            do {
                try await body(session)
            } catch {
                Issue.record(error)
            }
            group.cancelAll()
        }
    }

    @Test func `a look-up that hangs holds up neither the next server nor the end`() async throws {
        let loop = EventLoop(name: "t-names")
        let server = FakeServer(loop: loop, script: FakeServer.agreeable)
        let listener = try await Listener(loop: loop, server: server)
        let address = listener.address
        // Whichever comes first hangs.
        let names = Names { _, number in number == 1 ? nil : [address] }
        try await run(["zk1:2181", "zk2:2181"], names, on: loop) { session in
            let early = try await session.getData("/a").data
            #expect(early == Array("/a".utf8))
            #expect(Set(names.asked) == ["zk1:2181", "zk2:2181"])
            #expect(names.asked.count == 2)
            // Its answer comes late, and serves the next attempt: nobody asks again for that name.
            names.answer(question: 0, address)
            await server.hangUpAll()
            #expect(await eventually { await server.connectionsMade == 2 })
            let late = try await session.getData("/b").data
            #expect(late == Array("/b".utf8))
            #expect(names.asked.count == 2)
        }
        await listener.close()
        await server.hangUpAll()
        loop.stop()
    }

    @Test func `a session whose names all hang can be closed, and late answers find nobody`()
        async throws
    {
        let loop = EventLoop(name: "t-names")
        let names = Names { _, _ in nil }
        try await run(["zk1:2181"], names, on: loop) { _ in
            #expect(await eventually { names.asked == ["zk1:2181"] })
        }
        names.answer(question: 0, .loopback(1))
        loop.stop()
        names.answer(question: 0, .loopback(1))
        #expect(names.asked.count == 1)
    }
}
