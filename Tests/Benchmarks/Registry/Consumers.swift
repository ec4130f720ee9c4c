import Runtime
import ServiceModel
import Wire
import ZooKeeperProtocol

/// Consumers of one service that list its providers again after each change, and the providers.
///
/// Each consumer has a session, and asks with a watch as soon as its one-shot watch has fired. The
/// providers are one session's, which deletes a node and creates it again, and waits each time until all
/// consumers have the new list. Owner: the loop.
actor Consumers: LoopHandler {
    private final class Client {
        var socket: StreamSocket
        var isOpen = false
        /// Bytes of the present frame that are still to come.
        var rest = 0

        init(_ socket: consuming StreamSocket) { self.socket = socket }
    }

    nonisolated let loop: EventLoop
    private let address: SocketAddress
    private let count: Int
    /// The first one is the providers'.
    private var clients: [Client] = []
    private var step: CheckedContinuation<Void, any Error>?
    private var missing = 0
    private var isLoading = false
    private var listing = OpCode.getChildren
    private(set) var listings = 0
    private(set) var bytes = 0

    static let directory = Providers.directory(Providers.service(7))
    private static let dialsMax = 64

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the actor keeps the loop alive.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(_ loop: EventLoop, to address: SocketAddress, count: Int) {
        (self.loop, self.address, self.count) = (loop, address, count)
    }

    /// Opens a session for the providers and one for each consumer.
    func connect() async throws {
        try await wait(for: count + 1) {
            for _ in 0..<min(count + 1, Self.dialsMax) { dial() }
        }
    }

    /// Creates the service with its providers.
    func register(_ providers: Int) async throws {
        isLoading = true
        var path = ""
        for part in Self.directory.split(separator: "/") {
            path += "/" + part
            try await change(.create(CreateRequest(path: path, data: [], mode: .persistent)))
        }
        for number in 0..<providers { try await change(create(number)) }
        isLoading = false
    }

    /// All consumers list the service, and watch it.
    func list(_ opCode: OpCode) async throws {
        listing = opCode
        try await wait(for: count) {
            for client in clients.dropFirst() { ask(client) }
        }
    }

    /// One provider leaves, and all have listed; it comes back, and all have listed.
    func restart(_ number: Int) async throws {
        let path = Self.path(number)
        for request in [
            Request.delete(DeleteRequest(path: path, version: -1)), create(number),
        ] {
            try await wait(for: count) { send(request, on: clients[0]) }
        }
    }

    /// Closes all connections.
    func close() {
        for client in clients where client.socket.descriptor >= 0 {
            loop.deregister(client.socket.descriptor)
            client.socket.close()
        }
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in
            for event in events { me.handle(event) }
        }
    }

    private static func path(_ number: Int) -> String {
        directory + "/" + Providers.name(Providers.service(7), host: number)
    }

    private func create(_ number: Int) -> Request {
        .create(CreateRequest(path: Self.path(number), data: [], mode: .ephemeral))
    }

    private func change(_ request: Request) async throws {
        try await wait(for: 1) { send(request, on: clients[0]) }
    }

    private func wait(for answers: Int, _ begin: () -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            step = continuation
            missing = answers
            begin()
        }
    }

    private func answered() {
        missing -= 1
        guard missing == 0 else { return }
        step?.resume()
        step = nil
    }

    private func fail(_ reason: String) {
        step?.resume(throwing: BenchmarkFailure(reason))
        step = nil
    }

    private func handle(_ event: LoopEvent) {
        switch event {
        case .timer: break
        case .writable(let token): greet(clients[Int(token)])
        case .readable(let token), .hangup(let token): read(Int(token))
        }
    }

    private func dial() {
        do throws(RuntimeError) {
            let limits = StreamLimits(inboundBytesMax: 1 << 20, outboundBytesMax: 1 << 20)
            let socket = try StreamSocket.connect(to: address, limits: limits)
            let descriptor = socket.descriptor
            clients.append(Client(socket))
            let token = UInt64(clients.count - 1)
            try loop.register(descriptor, interest: .write, handler: self, token: token)
        } catch {
            fail("\(error)")
        }
    }

    private func greet(_ client: Client) {
        if let error = client.socket.connectionError() { return fail("\(error)") }
        var writer = ByteWriter()
        FrameWriter.append(ConnectRequest(timeoutMilliseconds: 40_000), to: &writer)
        _ = client.socket.send(writer.bytes)
        _ = client.socket.flush()
        loop.modify(client.socket.descriptor, interest: .read)
    }

    private func ask(_ client: Client) {
        let request = GetChildrenRequest(path: Self.directory, watch: true)
        send(listing == .getChildren ? .getChildren(request) : .getChildren2(request), on: client)
    }

    private func send(_ request: Request, on client: Client) {
        var writer = ByteWriter()
        FrameWriter.append(request, xid: 1, to: &writer)
        _ = client.socket.send(writer.bytes)
        _ = client.socket.flush()
    }

    private func read(_ index: Int) {
        let client = clients[index]
        // A few times: listings are long, and this side shall not be what everyone waits for.
        for _ in 0..<32 {
            switch client.socket.fill() {
            case .received(let count):
                take(client, isFirst: index == 0)
                if count < 16_384 { return }
            case .wouldBlock, .full: return
            case .end, .failed:
                guard client.socket.descriptor >= 0 else { return }
                loop.deregister(client.socket.descriptor)
                client.socket.close()
                return fail("\(address) closed a connection")
            }
        }
    }

    private func take(_ client: Client, isFirst: Bool) {
        while true {
            if client.rest > 0 {
                let part = min(client.rest, client.socket.inboundCount)
                client.socket.consume(part)
                client.rest -= part
                guard client.rest == 0 else { return }
                listings += 1
                answered()
            }
            guard client.socket.inboundCount >= 20 else { return }
            let (length, xid) = client.socket.withInbound { bytes in
                var reader = ByteReader(bytes)
                return ((try? reader.readInt32()) ?? 0, (try? reader.readInt32()) ?? 0)
            }
            let size = Int(length) + 4
            if client.isOpen, xid == 1, !isFirst {
                (client.rest, bytes) = (size, bytes + size)
                continue
            }
            guard client.socket.inboundCount >= size else { return }
            client.socket.consume(size)
            if !client.isOpen {
                client.isOpen = true
                if clients.count < count + 1 { dial() }
                answered()
            } else if xid == XID.event {
                ask(client)
            } else if isLoading {
                answered()
            }
        }
    }
}
