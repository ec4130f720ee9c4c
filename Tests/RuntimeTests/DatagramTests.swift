import Glibc
import Runtime
import ServiceModel
import Testing

@Suite struct DatagramTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"])
    func `a batch goes back to where it came from, except empty messages`(text: String) throws {
        let server = try DatagramSocket(on: try #require(SocketAddress(text)))
        let client = try Client(to: server.localAddress)
        var batch = DatagramBatch(count: 8, receiveBytesMax: 64, capacity: 128)
        for number in 0..<5 as Range<UInt8> { client.send([number, number]) }
        var taken = 0
        while taken < 5 {
            let count = try server.receive(into: &batch)
            for index in 0..<count {
                same(batch.length(index), 2)
                same(batch.isTruncated(index), false)
                same(batch.source(index).port, client.port)
                same(batch.sourcePort(index), client.port)
                let number = batch.message(index)[0]
                var buffer = batch.buffer(index)
                same(buffer.count, 128)
                buffer[1] = 100 + number
                batch.setLength(index, number == 2 ? 0 : 2 + Int(number))
            }
            var answered = 0
            for index in 0..<count where batch.length(index) > 0 { answered += 1 }
            same(server.send(&batch, count: count), answered)
            taken += count
        }
        for number in [0, 1, 3, 4] as [UInt8] {
            let answer = client.receive()
            #expect(answer.count == 2 + Int(number))
            #expect(answer.prefix(2) == [number, 100 + number])
        }
    }

    @Test func `a datagram over the receive size is cut and marked, and the next one is whole`()
        throws
    {
        let server = try DatagramSocket(on: .loopback())
        let client = try Client(to: server.localAddress)
        var batch = DatagramBatch(count: 2, receiveBytesMax: 16, capacity: 100)
        client.send([UInt8](repeating: 1, count: 50))
        same(try server.receive(into: &batch), 1)
        same(batch.isTruncated(0), true)
        same(batch.length(0), 16)
        client.send([2])
        same(try server.receive(into: &batch), 1)
        same(batch.isTruncated(0), false)
        same(batch.length(0), 1)
    }

    @Test func `two sockets share one address when both say so`() throws {
        let first = try DatagramSocket(on: .loopback(), .shared)
        let second = try DatagramSocket(on: first.localAddress, .shared)
        #expect(first.localAddress == second.localAddress)
        #expect(throws: RuntimeError.self) { try DatagramSocket(on: first.localAddress) }
    }

    @Test func `nobody gets a port that is not shared`() throws {
        let first = try DatagramSocket(on: .loopback())
        for use in [DatagramSocket.PortUse.alone, .shared] {
            var code: RuntimeError.Code?
            do throws(RuntimeError) {
                _ = try DatagramSocket(on: first.localAddress, use)
            } catch { code = error.code }
            same(code, .addressInUse)
        }
    }

    @Test func `the source is known as words too`() throws {
        for (text, words) in [
            ("127.0.0.1:0", (0 as UInt64, 0x7f00_0001 as UInt64)), ("[::1]:0", (0, 1)),
        ] {
            let server = try DatagramSocket(on: try #require(SocketAddress(text)))
            let client = try Client(to: server.localAddress)
            var batch = DatagramBatch(count: 1, receiveBytesMax: 16, capacity: 16)
            client.send([1])
            same(try server.receive(into: &batch), 1)
            let source = batch.sourceWords(0)
            #expect(source == words)
        }
    }

    @Test func `the stride is an odd number of cache lines with room to over-read`() {
        for capacity in [1, 56, 57, 64, 120, 1_232, 1_280, 65_535] {
            let batch = DatagramBatch(count: 1, receiveBytesMax: 1, capacity: capacity)
            same(batch.stride % 128, 64)
            same(batch.stride >= capacity + 8, true)
        }
    }

    @Test func `a blocked receiver is woken to stop`() throws {
        let server = try DatagramSocket(on: .loopback())
        let worker = WorkerThread(name: "t-udp") {
            var batch = DatagramBatch(count: 4, receiveBytesMax: 16, capacity: 16)
            _ = try? server.receive(into: &batch)
        }
        server.wake()
        worker.join()
    }
}

/// A connected UDP socket made of plain system calls.
private struct Client {
    private let socket: DatagramSocket
    private let server: SocketAddress
    var port: UInt16 { socket.localAddress.port }

    init(to server: SocketAddress) throws {
        var target = server
        if target.ip.isUnspecified {
            if case .v4 = target.ip {
                target.ip = .v4(0x7f00_0001)
            } else {
                target.ip = .v6(high: 0, low: 1)
            }
        }
        self.server = target
        socket = try DatagramSocket(on: SocketAddress(ip: target.ip, port: 0))
        try connect()
    }

    private func connect() throws {
        let length: Int
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        let result: Int32
        switch server.ip {
        case .v4(let bits):
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = server.port.bigEndian
            v4.sin_addr.s_addr = bits.bigEndian
            length = MemoryLayout<sockaddr_in>.size
            result = unsafe withUnsafePointer(to: &v4) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(socket.descriptor, $0, socklen_t(length))
                }
            }
        case .v6:
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = server.port.bigEndian
            v6.sin6_addr = in6addr_loopback
            length = MemoryLayout<sockaddr_in6>.size
            result = unsafe withUnsafePointer(to: &v6) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(socket.descriptor, $0, socklen_t(length))
                }
            }
        }
        #expect(result == 0)
    }

    func send(_ bytes: [UInt8]) {
        #expect(unsafe Glibc.send(socket.descriptor, bytes, bytes.count, 0) == bytes.count)
    }
    func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe recv(socket.descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }
}
