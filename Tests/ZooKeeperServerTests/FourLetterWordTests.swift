import Runtime
import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct FourLetterWordTests {
    private let bench = ServerBench(firstZxid: 0x1f)

    private func answer(_ word: String, from peer: SocketAddress? = ServerBench.address) -> String?
    {
        guard let id = bench.open(from: peer) else { return nil }
        bench.send(Array(word.utf8), on: id)
        let text = String(decoding: bench.takeBytes(id), as: UTF8.self)
        return bench.ended.contains(id) ? text : nil
    }

    @Test(arguments: [("ruok", "imok"), ("isro", "rw"), ("ruok\n", "imok"), ("isro\r\n", "rw")])
    func `words are answered in one word`(word: String, text: String) {
        #expect(answer(word) == text)
        #expect(bench.connectionCount == 0)
    }

    @Test func `srvr is laid out as ZooKeeper's`() throws {
        let id = bench.client()
        bench.request(bench.create("/a"), on: id)
        let lines = try #require(answer("srvr")).split(separator: "\n").map(String.init)
        #expect(lines.count == 9)
        #expect(lines[0].hasPrefix("Zookeeper version: 3.8.0"))
        #expect(lines[1].hasPrefix("Latency min/avg/max: "))
        #expect(
            lines[2...] == [
                "Received: 3", "Sent: 2", "Connections: 2", "Outstanding: 0", "Zxid: 0x21",
                "Mode: standalone", "Node count: 6",
            ]
        )
    }

    @Test func `stat lists connections, envi says the version, mntr has tabs`() throws {
        _ = bench.client()
        let stat = try #require(answer("stat"))
        #expect(stat.contains("\nClients:\n /127.0.0.1:50000[0](queued=0,recved=1,sent=1)\n"))
        #expect(stat.contains("\n\nLatency min/avg/max"))
        #expect(try #require(answer("envi")).contains("\nzookeeper.version=3.8.0"))
        #expect(try #require(answer("mntr")).contains("zk_server_state\tstandalone\n"))
        #expect(try #require(answer("conf")).contains("minSessionTimeout=4000\n"))
        #expect(try #require(answer("cons")).contains(",sid=0x100,to=4000)\n"))
        #expect(try #require(answer("wchs")).contains("Total watches:0\n"))
        #expect(answer("srst") == "Server stats reset.\n")
        #expect(answer("crst") == "Connection stats reset.\n")
    }

    @Test func `dump lists sessions and their ephemerals`() throws {
        let id = bench.client()
        bench.request(bench.create("/e", .ephemeral), on: id)
        #expect(try #require(answer("dump")).contains("Ephemerals (1):\n0x100:\n\t/e\n"))
    }

    @Test func `from elsewhere only srvr is answered`() throws {
        let far = SocketAddress(ip: .v4(0x0a00_0001), port: 1)
        let text = answer("ruok", from: far)
        #expect(text == "ruok is not executed because it is not in the whitelist.\n")
        #expect(try #require(answer("srvr", from: far)).contains("Mode: standalone"))
    }

    @Test func `words count only before a handshake`() {
        let id = bench.client()
        bench.send(Array("ruok".utf8), on: id)
        #expect(bench.takeBytes(id).isEmpty)
        #expect(bench.ended == [id])
    }
}
