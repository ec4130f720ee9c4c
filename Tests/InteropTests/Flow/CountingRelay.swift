import Runtime
import Wire
import ZooKeeperProtocol

/// Stands between a client and a registry, passes everything on, and counts what the client lists.
///
/// The only observer of "no child list is read twice" that neither side can fool: it reads the frames.
/// Owner: its event loop.
actor CountingRelay: LoopHandler {
    private final class Line {
        var client: StreamSocket
        var server: StreamSocket
        var requests = RequestCounter()
        var isOpen = true

        init(client: consuming StreamSocket, server: consuming StreamSocket) {
            self.client = client
            self.server = server
        }
    }

    /// Counts requests for child lists, and notes what was read, in one direction of one connection.
    private struct RequestCounter {
        var listings: [String: Int] = [:]
        var reads: Set<String> = []
        private var decoder = FrameDecoder()
        private var isGreeted = false

        mutating func count(_ bytes: Span<UInt8>) throws(WireError) {
            decoder.append(bytes)
            while try decoder.next() {
                guard isGreeted else {
                    isGreeted = true
                    continue
                }
                var reader = ByteReader(decoder.frame)
                let header = try RequestHeader(from: &reader)
                switch header.opCode {
                case .getChildren, .getChildren2:
                    listings[try reader.readString(), default: 0] += 1
                case .getData: reads.insert(try reader.readString())
                case .multiRead:
                    for case .getData(let read) in try MultiReadRequest(from: &reader).operations {
                        reads.insert(read.path)
                    }
                default: break
                }
            }
        }
    }

    /// More than all that a test sends in one direction, so that nothing ever has to wait.
    private static let limits = StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 1 << 26)

    private let loop: EventLoop
    private let registry: SocketAddress
    private var lines: [Line] = []
    /// What went wrong, if anything did.
    private(set) var faults: [String] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, registry: SocketAddress) {
        (self.loop, self.registry) = (loop, registry)
    }

    /// How often each path was listed, for each connection in order.
    var listings: [[String: Int]] { lines.map(\.requests.listings) }

    /// Opens a connection to the registry; the descriptor is the client's end of it.
    func connect() throws -> Int32 {
        let (ours, theirs) = try socketPair()
        let line = Line(
            client: try StreamSocket(descriptor: theirs, limits: Self.limits),
            server: try StreamSocket.connect(to: registry, limits: Self.limits)
        )
        let token = UInt64(lines.count) * 2
        lines.append(line)
        try loop.register(line.client.descriptor, interest: .read, handler: self, token: token)
        try loop.register(line.server.descriptor, interest: .read, handler: self, token: token + 1)
        return ours
    }

    /// True when the newest connection stands and its client has asked for the path's children, or whether
    /// they are still those that it knows.
    func hasAsked(_ path: String) -> Bool {
        lines.last.map { line in
            let asked = line.requests
            return line.isOpen && (asked.listings[path] != nil || asked.reads.contains(path))
        } ?? false
    }

    /// Ends all connections, as a broken network does.
    func cut() { for line in lines { close(line) } }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.take(event) } }
    }

    private func take(_ event: LoopEvent) {
        let line = lines[Int(event.token / 2)]
        guard line.isOpen else { return }
        if event.token % 2 == 0 { passRequests(line) } else { passReplies(line) }
        guard line.isOpen else { return }
        flush(&line.client, event.token & ~1, line)
        flush(&line.server, event.token | 1, line)
    }

    private func passRequests(_ line: Line) {
        switch line.client.fill() {
        case .received(let count):
            line.client.withInbound { bytes in
                note(bytes, line)
                if !line.server.send(bytes) { faults.append("too much to send") }
            }
            line.client.consume(count)
        case .wouldBlock: break
        case .full, .end, .failed: close(line)
        }
    }

    private func passReplies(_ line: Line) {
        switch line.server.fill() {
        case .received(let count):
            line.server.withInbound { bytes in
                if !line.client.send(bytes) { faults.append("too much to receive") }
            }
            line.server.consume(count)
        case .wouldBlock: break
        case .full, .end, .failed: close(line)
        }
    }

    private func note(_ bytes: Span<UInt8>, _ line: Line) {
        do throws(WireError) {
            try line.requests.count(bytes)
        } catch {
            faults.append("a request that is none: \(error)")
        }
    }

    private func flush(_ socket: inout StreamSocket, _ token: UInt64, _ line: Line) {
        switch socket.flush() {
        case .done: loop.modify(socket.descriptor, interest: .read)
        case .pending: loop.modify(socket.descriptor, interest: [.read, .write])
        case .failed: close(line)
        }
    }

    private func close(_ line: Line) {
        guard line.isOpen else { return }
        line.isOpen = false
        loop.deregister(line.client.descriptor)
        loop.deregister(line.server.descriptor)
        line.client.close()
        line.server.close()
    }
}
