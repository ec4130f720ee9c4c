import Glibc
import Runtime

/// A port on loopback whose connections go to a scripted server.
actor Listener: LoopHandler {
    private let loop: EventLoop
    private let server: FakeServer
    private var socket: ListenSocket
    nonisolated let address: SocketAddress
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, server: FakeServer) async throws {
        (self.loop, self.server) = (loop, server)
        socket = try ListenSocket(on: .loopback())
        address = socket.localAddress ?? .loopback()
        try listen()
    }

    private func listen() throws {
        try loop.register(socket.descriptor, interest: .read, handler: self, token: 0)
    }

    func close() {
        loop.deregister(socket.descriptor)
        socket.close()
    }

    nonisolated func process(_ events: [LoopEvent]) {
        assumeIsolated { me in me.accept() }
    }

    private func accept() {
        while let client = try? socket.accept(limits: FakeServer.limits) {
            let descriptor = client.takeDescriptor()
            server.assumeIsolated { $0.serve(descriptor) }
        }
    }
}

/// Closes a descriptor that was taken out of a socket.
func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
