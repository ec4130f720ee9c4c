import Runtime
import Wire
import ZooKeeperProtocol

/// Stands between a client and a registry, reads the client's frames, and breaks what a test wants broken.
///
/// Owner: its event loop.
actor FaultRelay: LoopHandler {
    /// When a connection ends.
    enum Fault {
        /// The request does not reach the server.
        case before
        /// The server carries the request out, and its reply does not reach the client.
        case after
    }

    private final class Line {
        var client: StreamSocket
        var server: StreamSocket
        var requests = FrameDecoder()
        var replies = FrameDecoder()
        var isGreeted = false
        var isAnswered = false
        /// The request whose reply ends the connection.
        var lastXID: Int32?
        var isOpen = true

        init(client: consuming StreamSocket, server: consuming StreamSocket) {
            self.client = client
            self.server = server
        }
    }

    /// More than all that a test sends in one direction, so that nothing ever has to wait.
    private static let limits = StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 1 << 26)
    /// What no server knows: it answers as one does to whom addWatch is unknown, and closes.
    private static let unknownOpCode: Int32 = 1_006

    private let loop: EventLoop
    private let registry: SocketAddress
    private let isOld: Bool
    private var lines: [Line] = []
    private var isDown = false
    private var faults: [OpCode: [Fault]] = [:]
    private var counts: [OpCode: Int] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is stored in the actor, so it lives at least as long.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Creates a relay.
    ///
    /// - Parameters:
    ///   - loop: Outlives it.
    ///   - registry: Where connections go.
    ///   - isOld: The server shall not know persistent watches, as before ZooKeeper 3.6.
    init(loop: EventLoop, registry: SocketAddress, isOld: Bool = false) {
        (self.loop, self.registry, self.isOld) = (loop, registry, isOld)
    }

    /// Requests of a kind that went through.
    func count(_ opCode: OpCode) -> Int { counts[opCode, default: 0] }

    /// Ends the connection at the next requests of a kind, one each.
    func fault(_ opCode: OpCode, _ faults: Fault...) { self.faults[opCode, default: []] += faults }

    /// Ends all connections, as a broken network does.
    func cut() { for line in lines { close(line) } }

    /// Lets no connection be made any more, or again.
    func setDown(_ isDown: Bool) {
        self.isDown = isDown
        if isDown { cut() }
    }

    /// Opens a connection to the registry; the descriptor is the client's end of it.
    func connect() throws -> Int32 {
        guard !isDown else { throw CancellationError() }
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

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in for event in events { me.take(event) } }
    }

    private func take(_ event: LoopEvent) {
        let line = lines[Int(event.token / 2)]
        guard line.isOpen else { return }
        if event.token % 2 == 0 { passRequests(line) } else { passReplies(line) }
        guard line.isOpen else { return }
        flush(&line.client, event.token & ~1, line)
        guard line.isOpen else { return }
        flush(&line.server, event.token | 1, line)
    }

    private func passRequests(_ line: Line) {
        switch line.client.fill() {
        case .received(let count):
            line.client.withInbound { line.requests.append($0) }
            line.client.consume(count)
            while line.isOpen, (try? line.requests.next()) == true { passRequest(line) }
        case .wouldBlock: break
        case .full, .end, .failed: close(line)
        }
    }

    private func passRequest(_ line: Line) {
        let decoder = line.requests
        var frame = decoder.frame.indices.map { decoder.frame[$0] }
        if line.isGreeted {
            guard let opCode = note(&frame, line) else { return }
            counts[opCode, default: 0] += 1
        }
        line.isGreeted = true
        var writer = ByteWriter()
        writer.writeInt32(Int32(frame.count))
        writer.writeBytes(frame)
        if !line.server.send(writer.bytes) { close(line) }
    }

    /// Looks at a request's header, and changes it for an old server.
    ///
    /// - Returns: Nil when the connection is over.
    private func note(_ frame: inout [UInt8], _ line: Line) -> OpCode? {
        var reader = ByteReader(frame.span)
        guard let xid = try? reader.readInt32(), let number = try? reader.readInt32(),
            let opCode = OpCode(rawValue: number)
        else { return .notification }
        if isOld, opCode == .addWatch || opCode == .setWatches2 {
            var writer = ByteWriter()
            writer.writeInt32(Self.unknownOpCode)
            frame.replaceSubrange(4..<8, with: writer.bytes)
        }
        guard let fault = faults[opCode]?.first else { return opCode }
        faults[opCode]?.removeFirst()
        switch fault {
        case .before:
            close(line)
            return nil
        case .after: line.lastXID = xid
        }
        return opCode
    }

    private func passReplies(_ line: Line) {
        switch line.server.fill() {
        case .received(let count):
            line.server.withInbound { line.replies.append($0) }
            line.server.consume(count)
            while line.isOpen, (try? line.replies.next()) == true { passReply(line) }
        case .wouldBlock: break
        case .full, .end, .failed:
            _ = line.client.flush()
            close(line)
        }
    }

    private func passReply(_ line: Line) {
        let decoder = line.replies
        let frame = decoder.frame.indices.map { decoder.frame[$0] }
        var reader = ByteReader(frame.span)
        if line.isAnswered, let last = line.lastXID, (try? reader.readInt32()) == last {
            close(line)
            return
        }
        line.isAnswered = true
        var writer = ByteWriter()
        writer.writeInt32(Int32(frame.count))
        writer.writeBytes(frame)
        if !line.client.send(writer.bytes) { close(line) }
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
