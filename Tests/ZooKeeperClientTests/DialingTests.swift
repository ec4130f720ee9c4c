import Glibc
import Runtime
import ServiceModel
import TestSupport
import Testing

@testable import ZooKeeperClient

@Suite struct DialingTests {
    /// A loopback port whose queue of connections is full, so that the next one stays under way.
    private func fullPort() throws -> (address: SocketAddress, descriptors: [Int32]) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = unsafe withUnsafeMutablePointer(to: &address) { pointer -> UInt16 in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard unsafe bind(listener, raw, length) == 0, listen(listener, 0) == 0,
                    unsafe getsockname(listener, raw, &length) == 0
                else { return 0 }
                return unsafe UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        try #require(port != 0)
        let full = SocketAddress.loopback(port)
        var descriptors = [listener]
        for _ in 0..<4 {
            let limits = SessionConnection.limits
            descriptors.append(try StreamSocket.connect(to: full, limits: limits).takeDescriptor())
        }
        return (full, descriptors)
    }

    /// An address where nobody listens any more.
    private func freePort() throws -> SocketAddress? {
        try ListenSocket(on: .loopback()).localAddress
    }

    @Test func `the events of a refused address are not taken for those of the next`() async throws
    {
        let refusing = try #require(try freePort())
        let (slow, descriptors) = try fullPort()
        defer { for descriptor in descriptors { _ = Glibc.close(descriptor) } }
        let loop = EventLoop(name: "t-dial")
        let (never, input) = AsyncStream<Int32>.makeStream()
        let servers = SessionConfiguration.Servers.descriptor {
            for await descriptor in never { return descriptor }
            throw CancellationError()
        }
        let session = ZooKeeperSession(
            loop: loop,
            configuration: SessionConfiguration(servers: servers)
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.run() }
            #expect(await eventually { await session.engine.attempt == 1 })
            await session.tryNext([refusing, slow], 1, reason: "none")
            #expect(await eventually { await session.peer == slow })
            #expect(await session.isDialing)
            group.cancelAll()
        }
        input.finish()
        loop.stop()
    }
}

extension ZooKeeperSession {
    fileprivate var peer: SocketAddress? { connection?.socket.peer }
    fileprivate var isDialing: Bool { connection?.isDialing == true }
}
