import ServiceModel
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

/// Pings that are answered on the spot, and those that have to wait for their turn.
@Suite struct PingTests {
    private let bench = ServerBench()
    private let ping = ServerBench.frame(Request.ping)

    /// The frame that the shell would send at once; nil when the ping takes the ordinary way.
    private func pong(
        _ id: ConnectionID,
        _ bytes: [UInt8]? = nil,
        on bench: ServerBench? = nil
    )
        -> [UInt8]?
    {
        let bench = bench ?? self.bench
        guard let connection = bench.engine.connections[id] else { return nil }
        let (bytes, moment) = (bytes ?? ping, bench.moment)
        let frame = bench.engine.ping(bytes.span, on: connection, at: moment, now: moment.now)
        guard let frame else { return nil }
        return frame.indices.map { frame[$0] }
    }

    @Test func `the answer on the spot is the answer of the ordinary way`() throws {
        let id = bench.client()
        bench.request(bench.create("/a"), on: id)
        _ = bench.takeBytes(id)
        let frame = try #require(pong(id))
        #expect(frame.count == ServerEngine.Ping.replyBytes)
        bench.send(ping, on: id)
        #expect(bench.takeBytes(id) == frame)
        let reply = Message(Array(frame.dropFirst(4)))
        #expect((reply.xid, reply.zxid, reply.error) == (XID.ping, bench.lastZxid, .ok))
        // Whatever xid it came with.
        #expect(pong(id, ServerBench.frame(Request.ping, xid: 77)) == frame)
    }

    @Test func `a ping on the spot counts, and keeps the session`() throws {
        let id = bench.client()
        let before = bench.engine.statistics
        for _ in 0..<10 {
            bench.now = bench.now + .milliseconds(3_000)
            #expect(pong(id) != nil)
        }
        bench.wake()
        #expect(bench.facts.isEmpty)
        let after = bench.engine.statistics
        #expect(after.received == before.received + 10)
        #expect(after.sent == before.sent + 10)
        #expect(after.bytesReceived == before.bytesReceived + 120)
        #expect(after.responseBytes == before.responseBytes + 160)
        #expect(after.latency.count == before.latency.count + 10)
        #expect(bench.engine.connections[id]?.statistics.lastOperation == .ping)
        #expect(bench.engine.connections[id]?.statistics.lastAnswerAt == bench.now)
    }

    @Test func `what is no lone ping takes the ordinary way, and nothing is done`() {
        let id = bench.client()
        var others = (0..<ping.count).map { Array(ping.prefix($0)) } + [ping + ping]
        for index in [0, 1, 2, 3, 8, 9, 10, 11] {
            var bytes = ping
            bytes[index] ^= 1
            others.append(bytes)
        }
        let before = bench.engine.statistics.received
        for bytes in others { #expect(pong(id, bytes) == nil, "\(bytes)") }
        #expect(bench.engine.statistics.received == before)
        #expect(bench.open().flatMap { pong($0) } == nil)
    }

    @Test func `a ping does not overtake what waits before it`() throws {
        let bench = ServerBench(durability: .external)
        let id = bench.client()
        #expect(pong(id, on: bench) == nil)
        bench.becomeDurable(upTo: bench.lastZxid)
        #expect(pong(id, on: bench) != nil)
        // An answer that is not durable.
        bench.request(bench.create("/a"), on: id)
        #expect(pong(id, on: bench) == nil)
        bench.becomeDurable(upTo: bench.lastZxid)
        #expect(pong(id, on: bench) != nil)
        // An answer that the peer does not take.
        bench.deaf = [id]
        bench.request(.whoAmI, on: id)
        #expect(pong(id, on: bench) == nil)
        bench.drain(id)
        #expect(pong(id, on: bench) != nil)
        // Part of a request before it.
        bench.send([0], on: id)
        #expect(pong(id, on: bench) == nil)
    }

    @Test func `a connection that is about to end answers no ping`() {
        let (former, request) = (bench.connect(), ServerBench.frame(Request.closeSession))
        bench.send(request, on: former.id)
        #expect(pong(former.id) == nil)
    }
}
