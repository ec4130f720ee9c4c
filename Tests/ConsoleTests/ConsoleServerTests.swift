import FoundationEssentials
import Glibc
import Runtime
import ServiceModel
import Telemetry
import Testing

@testable import Console

@Suite(.timeLimit(.minutes(1))) struct ConsoleServerTests {
    /// A console on a free port and on a control socket in a folder of its own.
    private final class Running {
        let feed = TestFeed()
        let metrics = MetricsRegistry()
        let loop = EventLoop(name: "console-test")
        let server: ConsoleServer
        let address: SocketAddress
        let socketPath: String
        private let folder: String

        init() throws {
            folder = "/tmp/muster-console-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: false
            )
            socketPath = folder + "/control.sock"
            server = ConsoleServer(
                configuration: ConsoleConfiguration(
                    listen: .loopback(),
                    controlSocket: socketPath
                ),
                sources: Fixture.sources(feed: feed, metrics: metrics),
                loop: loop
            )
            let address = try server.start()
            self.address = try #require(address)
        }

        func stop() async throws {
            await server.stop()
            loop.stop()
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func `the port answers, one request after the other on one connection`() async throws {
        let running = try Running()
        let client = try HTTPClient(running.address)
        for _ in 0..<3 {
            let (head, body) = client.get("/v1/services")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.contains("Content-Type: application/json\r\n"))
            #expect(head.contains("Cache-Control: no-store\r\n"))
            #expect(body.contains(#""name":"com.foo.Bar""#))
        }
        let (_, explained) = client.get("/v1/explain?name=a%20b&type=SRV&x")
        #expect(explained.contains(#""a b SRV""#))
        #expect(client.get("/v1/services/com.foo.%42ar").head.hasPrefix("HTTP/1.1 200"))
        let requests = running.metrics
            .counter("muster_console_requests_total", help: "", labels: [("status", "200")])
        #expect(requests.value == 5)
        try await running.stop()
    }

    @Test func `the control socket is for its owner alone and goes when the console stops`()
        async throws
    {
        let running = try Running()
        #expect(mode(of: running.socketPath) == 0o600)
        let client = try HTTPClient(controlSocket: running.socketPath)
        #expect(client.get("/ready", fields: "Host: anything\r\n").body == "{\"ready\":true}\n")
        let path = running.socketPath
        try await running.stop()
        #expect(mode(of: path) == nil)
    }

    /// The permission bits of a file; nil when there is none.
    private func mode(of path: String) -> UInt32? {
        var status = stat()
        let result = unsafe lstat(path, &status)
        return result == 0 ? status.st_mode & 0o777 : nil
    }

    @Test func `refusals come as JSON`() async throws {
        let running = try Running()
        let client = try HTTPClient(running.address)
        #expect(client.get("/nothing").head.hasPrefix("HTTP/1.1 404"))
        #expect(
            client.get("/live", fields: "Host: evil.example\r\n").head.hasPrefix("HTTP/1.1 421")
        )
        let (head, body) = client.get("/v1/events?after=nonsense")
        #expect(head.hasPrefix("HTTP/1.1 400"))
        #expect(body.hasPrefix(#"{"error":{"do":"use the id of an event"#))
        client.send("DELETE /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.answer().head.hasPrefix("HTTP/1.1 405"))
        client.send("HEAD /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        #expect(running.feed.subscriberCount == 0)
        try await running.stop()
    }

    @Test func `bodies, targets and fields over their bounds are refused`() async throws {
        let running = try Running()
        let big = try HTTPClient(running.address)
        big.send("POST /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n")
        let (head, body) = big.answer()
        #expect(head.hasPrefix("HTTP/1.1 413"))
        #expect(body.contains("no route reads one"))
        let chunked = try HTTPClient(running.address)
        chunked.send("GET /live HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n"
        chunked.send(chunk + chunk + chunk + "0\r\n\r\n")
        #expect(!chunked.read(through: "\r\n\r\n").contains("200 OK"))
        let small = try HTTPClient(running.address)
        small.send("GET /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")
        #expect(small.answer().head.hasPrefix("HTTP/1.1 200"))
        let target = try HTTPClient(running.address)
        let long = String(repeating: "x", count: 40_000)
        #expect(target.get("/" + long).head.hasPrefix("HTTP/1.1 414"))
        let fields = try HTTPClient(running.address)
        #expect(fields.get("/live", fields: "X: \(long)\r\n").head.hasPrefix("HTTP/1.1 431"))
        try await running.stop()
    }

    @Test func `A7.5: a stream shows what happens, and another goes on behind it`() async throws {
        let running = try Running()
        let client = try HTTPClient(running.address)
        client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let head = client.read(through: ": muster\n\n")
        #expect(head.contains("Content-Type: text/event-stream\r\n"))
        running.feed.append(1)
        #expect(client.read(through: "data: {\"number\":1}\n\n").contains("id: s-1\nevent: join\n"))
        running.feed.append(99)
        #expect(client.read(through: "data: {\"number\":100}\n\n").contains("id: s-2\n"))
        let late = try HTTPClient(controlSocket: running.socketPath)
        late.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: s-98\r\n\r\n")
        let rest = late.read(through: "data: {\"number\":100}\n\n")
        #expect(rest.contains("id: s-99\n"))
        #expect(!rest.contains("id: s-98\n"))
        try await running.stop()
    }

    @Test func `a stop with parked streams is orderly, and its clients see the end`() async throws {
        let running = try Running()
        let clients = try (0..<20).map { index in
            let client =
                index % 2 == 0
                ? try HTTPClient(running.address)
                : try HTTPClient(controlSocket: running.socketPath)
            client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = client.read(through: ": muster\n\n")
            return client
        }
        #expect(running.feed.subscriberCount == 20)
        let feed = running.feed
        try await running.stop()
        #expect(feed.subscriberCount == 0)
        #expect(feed.cancelledCount == 20)
        for client in clients { #expect(client.read(through: "never").hasSuffix("0\r\n\r\n")) }
    }

    @Test func `a client that left is noticed at the next sign of life`() async throws {
        let running = try Running()
        do {
            let client = try HTTPClient(running.address)
            client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = client.read(through: ": muster\n\n")
        }
        // The first write to a closed connection succeeds; its reset makes the next one fail.
        let deadline = ContinuousClock.now + .seconds(10)
        while running.feed.subscriberCount > 0, ContinuousClock.now < deadline {
            running.server.streams.beat()
            sched_yield()
        }
        #expect(running.feed.subscriberCount == 0)
        try await running.stop()
    }

    @Test func `one stream too many is asked to come back later`() async throws {
        let running = try Running()
        running.feed.limit(to: 1)
        let first = try HTTPClient(running.address)
        first.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = first.read(through: ": muster\n\n")
        let (head, body) = try HTTPClient(running.address).get("/v1/events")
        #expect(head.hasPrefix("HTTP/1.1 503"))
        #expect(head.contains("Retry-After: 10\r\n"))
        #expect(body.contains("all event streams are taken"))
        try await running.stop()
    }

    @Test func `streams of the console have a bound of their own`() async throws {
        let running = try Running()
        var clients: [HTTPClient] = []
        for _ in 0..<Limits.streamsMax {
            let client = try HTTPClient(running.address)
            client.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = client.read(through: ": muster\n\n")
            clients.append(client)
        }
        let (head, _) = try HTTPClient(running.address).get("/v1/events")
        #expect(head.hasPrefix("HTTP/1.1 503"))
        #expect(try HTTPClient(running.address).get("/live").head.hasPrefix("HTTP/1.1 200"))
        running.server.streams.beat()
        for client in clients {
            #expect(client.read(through: ": still here\n\n").hasSuffix(": still here\n\n"))
        }
        try await running.stop()
    }

    @Test func `an address that is taken is refused with the reason`() async throws {
        let running = try Running()
        let second = ConsoleServer(
            configuration: ConsoleConfiguration(listen: running.address, controlSocket: nil),
            sources: Fixture.sources(),
            loop: running.loop
        )
        let error = #expect(throws: ConsoleError.self) { try second.start() }
        #expect(error?.code == .listen)
        let third = ConsoleServer(
            configuration: ConsoleConfiguration(listen: nil, controlSocket: running.socketPath),
            sources: Fixture.sources(),
            loop: running.loop
        )
        #expect(throws: ConsoleError.self) { try third.start() }
        try await running.stop()
    }
}
