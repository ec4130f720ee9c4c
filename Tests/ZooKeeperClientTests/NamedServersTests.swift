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
        allowsReadOnly: Bool = false,
        _ names: Names,
        on loop: EventLoop,
        _ body: (ZooKeeperSession) async throws -> Void
    ) async throws {
        var configuration = SessionConfiguration(servers: .hosts(hosts))
        configuration.allowsReadOnly = allowsReadOnly
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

    @Test func `a session on a server that only reads moves to one that writes`() async throws {
        let loop = EventLoop(name: "t-names")
        let reading = FakeServer(loop: loop) { input in
            guard case .connect(let request) = input else { return FakeServer.agreeable(input) }
            var response = FakeServer.accepted(request)
            response.readOnly = true
            return [.connect(response)]
        }
        await reading.answer(isro: "ro")
        let writing = FakeServer(loop: loop) { input in
            guard case .connect(let request) = input else { return FakeServer.agreeable(input) }
            return [.connect(FakeServer.accepted(request, fresh: 8))]
        }
        let (first, second) = (
            try await Listener(loop: loop, server: reading),
            try await Listener(loop: loop, server: writing)
        )
        let nowhere = try #require(try ListenSocket(on: .loopback()).localAddress)
        let isUp = Atomic(false)
        let names = Names { host, _ in
            switch host {
            case "reads:1": [first.address]
            default: [isUp.load(ordering: .relaxed) ? second.address : nowhere]
            }
        }
        try await run(["reads:1", "writes:1"], allowsReadOnly: true, names, on: loop) { session in
            #expect(
                await eventually {
                    await session.state == .connectedReadOnly(sessionID: 7, resumed: false)
                }
            )
            #expect(await eventually { names.asked.count { $0 == "writes:1" } >= 2 })
            // It is there, and says nothing of use; then it does.
            isUp.store(true, ordering: .relaxed)
            #expect(await eventually { await writing.connectionsMade >= 1 })
            #expect(await session.state == .connectedReadOnly(sessionID: 7, resumed: false))
            await writing.answer(isro: "rw")
            #expect(
                await eventually {
                    await session.state == .connected(sessionID: 8, resumed: false)
                }
            )
            try await session.create("/a")
        }
        await first.close()
        await second.close()
        await reading.hangUpAll()
        await writing.hangUpAll()
        loop.stop()
    }
}
