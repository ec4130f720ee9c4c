import DNSProtocol
import Runtime
import Telemetry
import TestSupport
import Testing

@testable import DNSServer

@Suite struct NameServerTests {
    /// A running server with a zone, five addresses at `five.dubbo` and 300 at `many.dubbo`.
    private final class Served {
        let metrics = MetricsRegistry()
        let server: NameServer
        let fixture: EngineFixture
        let udp: SocketAddress
        let tcp: SocketAddress

        init(workers: Int = 1, idleMax: Duration = .seconds(300)) throws {
            fixture = try EngineFixture()
            fixture.add("three.dubbo", .a, EngineFixture.addresses(3))
            fixture.add("many.dubbo", .a, EngineFixture.addresses(300))
            let bounds = NameServerConfiguration.StreamBounds(connectionsMax: 4, idleMax: idleMax)
            server = NameServer(
                configuration: NameServerConfiguration(
                    listen: .loopback(),
                    workers: workers,
                    streams: bounds
                ),
                table: fixture.table,
                metrics: metrics
            )
            (udp, tcp) = try server.start()
        }

        deinit { server.stop() }

        func dig(_ words: String...) async throws -> String {
            let server = ["dig", "@127.0.0.1", "-p", "\(udp.port)", "+tries=1", "+time=5"]
            let outcome = try await Program.run(server + words)
            #expect(outcome.status == 0, "dig: \(outcome.output)\(outcome.errors)")
            return outcome.output
        }

        func connect() throws -> StreamClient { try StreamClient(to: tcp) }
    }

    private func frame(_ name: String, _ type: RRType, id: UInt16) throws -> [UInt8] {
        let question = Question(EngineFixture.name(name), type)
        let message = try Message(id: id, question: question, edns: nil).encoded()
        return [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    }

    @Test func `both transports have one port and dig takes both answers`() async throws {
        let served = try Served()
        #expect(served.udp == served.tcp && served.udp.port != 0)
        for transport in ["+notcp", "+tcp"] {
            let answer = try await served.dig(transport, "THREE.dubbo.muster.internal.", "A")
            #expect(answer.contains("status: NOERROR"), "\(answer)")
            #expect(answer.contains("flags: qr aa rd;"), "\(answer)")
            #expect(answer.contains("ANSWER: 3"), "\(answer)")
            #expect(answer.contains("THREE.dubbo.muster.internal. 5\tIN\tA\t10.0.0.2"), "\(answer)")
            #expect(!answer.contains("Warning") && !answer.contains("WARNING: Mess"), "\(answer)")
        }
    }

    @Test func `dig retries a truncated answer over TCP and gets the whole set`() async throws {
        let served = try Served()
        let answer = try await served.dig("+bufsize=1232", "many.dubbo.muster.internal.", "A")
        #expect(
            answer.contains("Truncated, retrying in TCP mode") && answer.contains("ANSWER: 300")
        )
        let cut = try await served.dig("+ignore", "+noedns", "many.dubbo.muster.internal.", "A")
        #expect(cut.contains("flags: qr aa tc rd;"), "\(cut)")
    }

    @Test func `3,000 dig answers start with each of three addresses 1,000 times`() async throws {
        let served = try Served()
        let questions = String(repeating: "three.dubbo.muster.internal. A\n", count: 3_000)
        let directory = try TemporaryDirectory()
        let file = try directory.write("questions", questions)
        let text = try await served.dig("+short", "-f", file)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 9_000)
        var firsts: [Substring: Int] = [:]
        for index in stride(from: 0, to: lines.count, by: 3) {
            firsts[lines[index], default: 0] += 1
        }
        #expect(firsts == ["10.0.0.1": 1_000, "10.0.0.2": 1_000, "10.0.0.3": 1_000])
    }

    @Test func `several workers answer on one port and turn sets fairly together`() async throws {
        let served = try Served(workers: 3)
        let questions = String(repeating: "three.dubbo.muster.internal. A\n", count: 300)
        let directory = try TemporaryDirectory()
        let text = try await served.dig("+short", "-f", directory.write("questions", questions))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 900)
        var firsts: [Substring: Int] = [:]
        for index in stride(from: 0, to: lines.count, by: 3) {
            firsts[lines[index], default: 0] += 1
        }
        #expect(firsts == ["10.0.0.1": 100, "10.0.0.2": 100, "10.0.0.3": 100])
    }

    @Test func `frames may come byte by byte or many at once`() async throws {
        let served = try Served()
        let client = try served.connect()
        for byte in try frame("three.dubbo", .a, id: 1) { try await client.send([byte]) }
        try await client.send(
            frame("three.dubbo", .a, id: 2) + frame("x", .a, id: 3) + frame("many.dubbo", .a, id: 4)
        )
        let answers = try await client.receive(4)
        #expect(answers.map(\.id) == [1, 2, 3, 4])
        #expect(answers.map(\.answers.count) == [3, 3, 0, 300])
    }

    @Test func `what came before a half close is answered, then the server closes`() async throws {
        let served = try Served()
        let client = try served.connect()
        try await client.send(frame("three.dubbo", .a, id: 9))
        client.shutdownWrite()
        #expect(try await client.receive(2).map(\.id) == [9])
        #expect(client.isClosed)
    }

    @Test(arguments: [
        [0, 0], [0, 11] + [UInt8](repeating: 0, count: 11),
        [0, 12, 0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ])
    func `who sends no question is closed`(bytes: [UInt8]) async throws {
        let served = try Served()
        let client = try served.connect()
        try await client.send(bytes)
        #expect(try await client.receive(1).isEmpty)
        #expect(client.isClosed)
    }

    @Test func `a client that does not read is pushed back and gets everything later`() async throws
    {
        let served = try Served()
        let client = try served.connect()
        for id in 0..<2_000 { client.queue(try frame("many.dubbo", .a, id: UInt16(id))) }
        let answers = try await client.receive(2_000)
        #expect(answers.map(\.id) == Array(0..<2_000))
        #expect(answers.allSatisfy { $0.answers.count == 300 })
    }

    @Test func `an idle connection is closed`() async throws {
        let served = try Served(idleMax: .milliseconds(200))
        let client = try served.connect()
        #expect(try await client.receive(1).isEmpty)
        #expect(client.isClosed)
    }

    @Test func `one connection too many takes the place of the one that was idle for longest`()
        async throws
    {
        let served = try Served()
        let clients = try (0..<4).map { _ in try served.connect() }
        for (id, client) in clients.enumerated().reversed() {
            try await client.send(frame("three.dubbo", .a, id: UInt16(id)))
            #expect(try await client.receive(1).map(\.id) == [UInt16(id)])
        }
        let fifth = try served.connect()
        #expect(try await clients[3].receive(1).isEmpty)
        #expect(clients[3].isClosed)
        for client in [fifth, clients[0], clients[1], clients[2]] {
            try await client.send(frame("three.dubbo", .a, id: 77))
            #expect(try await client.receive(1).map(\.id) == [77])
        }
    }

    @Test func `metrics sum what all engines did`() async throws {
        let served = try Served()
        _ = try await served.dig("+notcp", "three.dubbo.muster.internal.", "A")
        _ = try await served.dig("+tcp", "x.muster.internal.", "A")
        let text = served.metrics.prometheusText()
        #expect(text.contains(#"muster_dns_queries_total{transport="udp"} 1"#), "\(text)")
        #expect(text.contains(#"muster_dns_answers_total{transport="tcp",rcode="NXDOMAIN"} 1"#))
    }
}
