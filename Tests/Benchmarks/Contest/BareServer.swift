import Runtime
import ServiceModel
import ZooKeeperProtocol

/// The least that a server of sessions can do: it greets, answers, and tells everyone of a change, without a tree.
///
/// What the kernel takes for as many messages over as many connections, with one thread that sends them one after
/// the other. Owner: its loop.
actor BareServer: LoopHandler {
    private final class Client {
        var socket: StreamSocket
        var isGreeted = false

        init(_ socket: consuming StreamSocket) { self.socket = socket }
    }

    nonisolated let loop = EventLoop(name: "bare")
    private var listener: ListenSocket?
    private var clients: [UInt64: Client] = [:]
    private var order: [Client] = []

    private static let limits = StreamLimits(inboundBytesMax: 1 << 16, outboundBytesMax: 1 << 20)
    private static let listenerToken = UInt64.max
    /// As long as an answer to a request for a session, a reply to setData, and an event of a path of six bytes.
    private static let greeting = [UInt8](repeating: 0, count: 41)
    private static let reply = frame(bytes: 84, xid: 1)
    private static let event = frame(bytes: 34, xid: XID.event)

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps the loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Listens.
    func start() throws -> SocketAddress {
        guard let any = SocketAddress("127.0.0.1:0") else { throw BenchmarkFailure("no loopback") }
        let socket = try ListenSocket(on: any)
        guard let address = socket.localAddress else { throw BenchmarkFailure("no address") }
        try loop.register(
            socket.descriptor,
            interest: .read,
            handler: self,
            token: Self.listenerToken
        )
        listener = consume socket
        return address
    }

    /// Closes everything, and ends the loop.
    nonisolated func stop() async {
        await close()
        loop.stop()
    }

    private func close() {
        if let descriptor = listener?.descriptor { loop.deregister(descriptor) }
        listener = nil
        for client in clients.values { drop(client) }
        (clients, order) = ([:], [])
    }

    nonisolated func process(_ events: [LoopEvent]) {
        loop.isolated(self) { me in
            for event in events {
                switch event {
                case .readable(Self.listenerToken): me.accept()
                case .readable(let token), .hangup(let token): me.read(token)
                default: break
                }
            }
        }
    }

    private func accept() {
        do throws(RuntimeError) {
            while let socket = try listener?.accept(limits: Self.limits) {
                let descriptor = socket.descriptor
                let token = UInt64(order.count)
                let client = Client(socket)
                try loop.register(descriptor, interest: .read, handler: self, token: token)
                clients[token] = client
                order.append(client)
            }
        } catch {
            fatalError("bare server: \(error)")
        }
    }

    private func read(_ token: UInt64) {
        guard let client = clients[token] else { return }
        guard case .received = client.socket.fill() else {
            clients[token] = nil
            order.removeAll { $0 === client }
            drop(client)
            return
        }
        let opCode = client.socket.withInbound { bytes in bytes.count > 11 ? bytes[11] : 0 }
        client.socket.consume(client.socket.inboundCount)
        guard client.isGreeted else {
            client.isGreeted = true
            _ = client.socket.write(Self.greeting.span)
            return
        }
        _ = client.socket.write(Self.reply.span)
        guard opCode == UInt8(OpCode.setData.rawValue) else { return }
        for client in order { _ = client.socket.write(Self.event.span) }
    }

    private func drop(_ client: Client) {
        loop.deregister(client.socket.descriptor)
        client.socket.close()
    }

    private static func frame(bytes: Int, xid: Int32) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: 4 + bytes)
        for index in 0..<4 {
            let shift = 24 - 8 * index
            frame[index] = UInt8(truncatingIfNeeded: bytes >> shift)
            frame[4 + index] = UInt8(truncatingIfNeeded: xid >> Int32(shift))
        }
        return frame
    }
}
