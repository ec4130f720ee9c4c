import Glibc
import Runtime
import ServiceModel
import TestSupport
import Testing

@Suite struct SocketTests {
    private let limits = StreamLimits(inboundBytesMax: 64 << 10, outboundBytesMax: 1 << 20)

    private func pair(_ limits: StreamLimits) throws -> Ends {
        let (first, second) = try socketPair()
        return Ends(
            near: try StreamSocket(descriptor: first, limits: limits),
            far: try StreamSocket(descriptor: second, limits: limits)
        )
    }
    private struct Ends: ~Copyable {
        var near: StreamSocket
        var far: StreamSocket
    }

    @Test func `bytes arrive whole and in order through many partial reads and writes`() throws {
        var ends = try pair(limits)
        let sent = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        same(ends.near.send(sent), true)
        var received: [UInt8] = []
        while received.count < sent.count {
            _ = ends.near.flush()
            guard case .received = ends.far.fill() else { continue }
            // Odd portions, so that the buffer is moved and grown in every way.
            take(5_003, from: &ends.far, into: &received)
            let isLast = received.count + ends.far.inboundCount == sent.count
            if ends.far.inboundCount > 40_000 || isLast {
                take(.max, from: &ends.far, into: &received)
            }
        }
        #expect(received == sent)
        same(ends.near.flush(), .done)
        same(ends.far.fill(), .wouldBlock)
    }

    @Test func `pieces of all lengths leave in order, however little the peer takes at a time`()
        throws
    {
        var random = Seed.generator(31)
        var ends = try pair(StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 4 << 20))
        let shared = [UInt8](repeating: 9, count: 300_000)
        var (sent, received): ([UInt8], [UInt8]) = ([], [])
        while sent.count < 8_000_000 {
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let length = [0, 1, 30, 5_000, 40_000].randomElement(using: &random) ?? 0
                let isShared = Int.random(in: 0..<8, using: &random) == 0
                let piece = isShared ? shared : (0..<length).map { UInt8(truncatingIfNeeded: $0) }
                if ends.near.send(piece) { sent += piece }
            }
            _ = ends.near.flush()
            same(ends.near.outboundCount <= 4 << 20, true)
            for _ in 0..<Int.random(in: 0...40, using: &random) { _ = ends.far.fill() }
            take(.max, from: &ends.far, into: &received)
        }
        while received.count < sent.count {
            _ = ends.near.flush()
            guard case .received = ends.far.fill() else { continue }
            take(.max, from: &ends.far, into: &received)
        }
        #expect(received == sent)
        same(ends.near.flush(), .done)
        same(ends.near.outboundCount, 0)
    }

    @Test func `few bytes leave at once, or behind those that wait`() throws {
        var ends = try pair(StreamLimits(inboundBytesMax: 8 << 20, outboundBytesMax: 4 << 20))
        let few: [UInt8] = [1, 2, 3]
        same(ends.near.write(few.span), .done)
        same(ends.near.send([UInt8](repeating: 9, count: 4_000_000)), true)
        same(ends.near.flush(), .pending)
        same(ends.near.write(few.span), .pending)
        var received: [UInt8] = []
        while received.count < 4_000_006 {
            _ = ends.near.flush()
            if case .received = ends.far.fill() { take(.max, from: &ends.far, into: &received) }
        }
        #expect(Array(received.prefix(4)) == [1, 2, 3, 9])
        #expect(Array(received.suffix(4)) == [9, 1, 2, 3])
        ends.near.close()
        guard case .failed = ends.near.write(few.span) else {
            Issue.record("written after close")
            return
        }
    }

    @Test func `bytes received into shared space are lost unless they are kept`() throws {
        var ends = try pair(StreamLimits(inboundBytesMax: 3, outboundBytesMax: 100))
        var space = ReceiveSpace()
        same(ends.far.receive(into: &space), .wouldBlock)
        same(space.bytes.count, 0)
        same(ends.near.send([1, 2, 3, 4, 5]), true)
        same(ends.near.flush(), .done)
        same(ends.far.receive(into: &space), .received(5))
        same(space.bytes.count, 5)
        same(space.bytes[4], 5)
        same(ends.far.keep(space.bytes), false)
        same(ends.far.keep(space.bytes.extracting(3...)), true)
        same(ends.far.inboundCount, 2)
        same(ends.far.inbound[0], 4)
        ends.far.consume(2)
        ends.near.close()
        same(ends.far.receive(into: &space), .end)
        same(space.bytes.count, 0)
    }

    @Test func `a full inbound buffer stops reading and goes on after consume`() throws {
        var ends = try pair(StreamLimits(inboundBytesMax: 10, outboundBytesMax: 100))
        same(ends.near.send(Array(0..<25)), true)
        same(ends.near.flush(), .done)
        same(ends.far.fill(), .received(10))
        same(ends.far.fill(), .full)
        ends.far.consume(4)
        same(ends.far.fill(), .received(4))
        same(ends.far.inbound[0], 4)
        same(ends.far.inbound[9], 13)
    }

    @Test func `a slow reader pushes back until send refuses`() throws {
        var ends = try pair(StreamLimits(inboundBytesMax: 100, outboundBytesMax: 1_000_000))
        let block = [UInt8](repeating: 7, count: 250_000)
        var accepted = 0
        while ends.near.send(block) {
            accepted += 1
            _ = ends.near.flush()
            try #require(accepted < 1_000)
        }
        same(ends.near.flush(), .pending)
        same(ends.near.outboundRoom < block.count, true)
        same(ends.near.outboundCount <= 1_000_000, true)
    }

    @Test func `after a half close the other direction still carries bytes`() throws {
        var ends = try pair(limits)
        ends.near.shutdownWrite()
        same(ends.far.fill(), .end)
        same(ends.far.send([1, 2, 3]), true)
        same(ends.far.flush(), .done)
        same(ends.near.fill(), .received(3))
        ends.far.close()
        same(ends.near.fill(), .end)
        same(ends.far.fill(), .end)
    }

    @Test func `writing to a closed peer fails without a signal`() throws {
        var ends = try pair(limits)
        ends.far.close()
        same(ends.near.send([1]), true)
        guard case .failed(let error) = ends.near.flush() else {
            Issue.record("flush to a closed peer")
            return
        }
        #expect(error.cause == EPIPE)
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func `a listener on port 0 tells its port and both ends know each other`(text: String) throws {
        var listener = try ListenSocket(on: try #require(SocketAddress(text)))
        let bound = listener.localAddress
        let address = try #require(bound)
        #expect(address.port != 0)
        same(try listener.accept(limits: limits) == nil, true)
        let client = try StreamSocket.connect(to: address, limits: limits)
        guard let server = try accepted(listener) else {
            Issue.record("nothing to accept")
            return
        }
        same(server.peer, client.localAddress)
        same(server.localAddress, address)
        same(client.connectionError(), nil)
        listener.close()
        let error = #expect(throws: RuntimeError.self) {
            let second = try StreamSocket.connect(to: address, limits: limits)
            if let error = waitForConnectionError(second) { throw error }
        }
        #expect(error?.cause == ECONNREFUSED)
    }

    @Test func `a port in use is refused by name`() throws {
        let first = try ListenSocket(on: .loopback())
        let bound = first.localAddress
        let address = try #require(bound)
        let error = #expect(throws: RuntimeError.self) { _ = try ListenSocket(on: address) }
        #expect(error?.code == .addressInUse)
        #expect(error?.message.contains("\(address)") == true)
    }

    @Test func `a Unix path is private, refuses a second listener and replaces a dead one`() throws
    {
        let path = "/tmp/muster-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let first = try ListenSocket(onUnixPath: path)
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let error = #expect(throws: RuntimeError.self) { _ = try ListenSocket(onUnixPath: path) }
        #expect(error?.code == .addressInUse)
        var client = try StreamSocket.connect(toUnixPath: path, limits: limits)
        guard let server = try first.accept(limits: limits) else {
            Issue.record("nothing to accept")
            return
        }
        same(server.peer, nil)
        same(client.send([9]), true)
        same(client.flush(), .done)
        // Given away and closed without removing the path, as a killed process would leave it.
        close(first.takeDescriptor())
        var second = try ListenSocket(onUnixPath: path)
        second.close()
        #expect(unsafe access(path, F_OK) == -1)
    }

    @Test(arguments: [
        ("127.0.0.1:2181", true), ("[::1]:53", true), ("1.2.3.4:0", true), ("1.2.3.4", false),
        ("::1:53", false), ("[1.2.3.4:53", false), ("1.2.3.4:65536", false), ("1.2.3.4:+1", false),
        ("localhost:1", false), ("", false),
    ])
    func `address text`(text: String, isAddress: Bool) {
        #expect(SocketAddress(text)?.description == (isAddress ? text : nil))
    }

    private func take(_ most: Int, from socket: inout StreamSocket, into bytes: inout [UInt8]) {
        let count = min(socket.inboundCount, most)
        for index in 0..<count { bytes.append(socket.inbound[index]) }
        socket.consume(count)
    }

    private func accepted(_ listener: borrowing ListenSocket) throws -> StreamSocket? {
        for _ in 0..<1_000_000 {
            if let socket = try listener.accept(limits: limits) { return socket }
            sched_yield()
        }
        return nil
    }

    private func waitForConnectionError(_ socket: borrowing StreamSocket) -> RuntimeError? {
        for _ in 0..<1_000_000 {
            if let error = socket.connectionError() { return error }
            sched_yield()
        }
        return nil
    }
}
