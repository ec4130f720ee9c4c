import Runtime
import ServiceModel
import Testing
import ZNodeTree
import ZooKeeperProtocol

@testable import ZooKeeperServer

@Suite struct FourLetterWordTests {
    private let bench = ServerBench(firstZxid: 0x1f)

    /// The whole answer, when the server has closed behind it.
    private func answer(
        _ word: String,
        from peer: SocketAddress? = ServerBench.address,
        on bench: ServerBench? = nil
    ) -> String? {
        let bench = bench ?? self.bench
        guard let id = bench.open(from: peer) else { return nil }
        var intake = bench.send(Array(word.utf8), on: id)
        while intake.next == .anotherTurn { intake = bench.send([], on: id) }
        let text = String(decoding: bench.takeBytes(id), as: UTF8.self)
        return bench.ended.contains(id) ? text : nil
    }

    @Test(arguments: [("ruok", "imok"), ("isro", "rw"), ("ruok\n", "imok"), ("isro\r\n", "rw")])
    func `words are answered in one word`(word: String, text: String) {
        #expect(answer(word) == text)
        #expect(bench.connectionCount == 0)
    }

    @Test func `a word may come letter by letter`() throws {
        let id = try #require(bench.open())
        for letter in "ruo".utf8 { #expect(bench.send([letter], on: id).next == .moreBytes) }
        bench.send(Array("k\n".utf8), on: id)
        #expect(bench.takeBytes(id) == Array("imok".utf8))
        #expect(bench.ended == [id])
    }

    @Test(arguments: ["abcd", "RUOK", "icfg", "\u{7f}\u{7f}\u{7f}\u{7f}"])
    func `unknown words are lengths, and too long`(word: String) {
        #expect(answer(word) == "")
    }

    @Test func `srvr is laid out as ZooKeeper's`() throws {
        let id = bench.client()
        bench.turnTime = .milliseconds(3)
        bench.request(bench.create("/a"), on: id)
        let lines = try #require(answer("srvr")).split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("Zookeeper version: 3.8.0"))
        #expect(
            lines[1...] == [
                "Latency min/avg/max: 0/1.5/3", "Received: 3", "Sent: 2", "Connections: 2",
                "Outstanding: 0", "Zxid: 0x21", "Mode: standalone", "Node count: 6",
            ]
        )
    }

    @Test func `stat lists connections in short, cons with their sessions`() throws {
        bench.turnTime = .milliseconds(2)
        let id = bench.client()
        bench.now = bench.now + .milliseconds(500)
        bench.request(bench.create("/a"), xid: 7, on: id)
        bench.turnTime = .milliseconds(5)
        bench.request(.ping, xid: XID.ping, on: id)
        let brief = " /127.0.0.1:50000[1](queued=0,recved=3,sent=3"
        let asker = " /127.0.0.1:50000[0](queued=0,recved=1,sent=0)\n"
        let stat = try #require(answer("stat"))
        #expect(stat.contains("\nClients:\n\(brief))\n\(asker)\nLatency min/avg/max: 2/3.0/5\n"))
        let session = ",sid=0x100,lop=PING,est=1000000,to=4000,lcxid=0x7,lzxid=0x21"
        let latency = ",lresp=1000505,llat=5,minlat=2,avglat=3,maxlat=5"
        #expect(answer("cons") == "\(brief)\(session)\(latency))\n\(asker)\n")
        #expect(answer("crst") == "Connection stats reset.\n")
        let none = ",sid=0x100,lop=NA,est=1000000,to=4000,lzxid=0xffffffffffffffff,lresp=0"
        #expect(try #require(answer("cons")).contains("recved=0,sent=0\(none),llat=0,minlat=0,"))
    }

    @Test func `a refused write has no name, a refused read has`() throws {
        let id = bench.client()
        bench.request(.delete(DeleteRequest(path: "/none", version: -1)), on: id)
        #expect(try #require(answer("cons")).contains(",lop=NA,"))
        bench.request(.getData(GetDataRequest(path: "/none", watch: false)), on: id)
        #expect(try #require(answer("cons")).contains(",lop=GETD,"))
    }

    @Test func `mntr tells what happened, in real figures`() throws {
        bench.turnTime = .milliseconds(20)
        let id = bench.client()
        for path in ["/a", "/a/b"] { bench.request(bench.create(path), on: id) }
        bench.request(.exists(ExistsRequest(path: "/a", watch: true)), on: id)
        bench.request(
            .setData(SetDataRequest(path: "/a", data: [1], version: -1)),
            on: id
        )
        bench.now = bench.now + .seconds(9)
        let text = try #require(answer("mntr"))
        #expect(text.hasSuffix("\n\n"))
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let pair = line.split(separator: "\t")
            try #require(pair.count == 2 && values[String(pair[0])] == nil, "\(line)")
            values[String(pair[0])] = String(pair[1])
        }
        let expected = [
            "zk_server_state": "standalone", "zk_znode_count": "7", "zk_watch_count": "0",
            "zk_packets_received": "6", "zk_packets_sent": "6", "zk_uptime": "9000",
            "zk_num_alive_connections": "2", "zk_global_sessions": "1", "zk_max_latency": "20",
            "zk_cnt_updatelatency": "4", "zk_cnt_readlatency": "1", "zk_p99_readlatency": "20",
            "zk_cnt_node_changed_watch_count": "1", "zk_max_node_changed_watch_count": "1",
            "zk_connection_request_count": "1", "zk_cnt_node_created_watch_count": "0",
            "zk_last_client_response_size": "84", "zk_min_client_response_size": "22",
        ]
        for (key, value) in expected { #expect(values[key] == value, "\(key)") }
        #expect(values["zk_open_file_descriptor_count"] == nil, "nobody can tell here")
    }

    @Test func `mntr sums quotas by the first name of their paths`() throws {
        let id = bench.client()
        for path in ["/a", "/a/b", "/zookeeper/quota/a", "/zookeeper/quota/a/b"] {
            bench.request(bench.create(path), on: id)
        }
        for (name, text) in [
            ("zookeeper_limits", "count=5,bytes=-1=;byteHardLimit=900;countHardLimit=-1"),
            ("zookeeper_stats", "count=2,bytes=17"),
        ] {
            let path = "/zookeeper/quota/a/b/\(name)"
            bench.request(
                .create(CreateRequest(path: path, data: Array(text.utf8), mode: .persistent)),
                on: id
            )
        }
        let text = try #require(answer("mntr"))
        #expect(text.contains("\nzk_a_quota_count_limit_per_namespace\t5\n"))
        #expect(text.contains("\nzk_a_quota_bytes_limit_per_namespace\t900\n"))
        #expect(text.contains("\nzk_a_quota_count_usage_per_namespace\t"))
    }

    @Test func `mntr passes over figures of quotas that are too great to add`() throws {
        let id = bench.client()
        for name in ["a", "b"] {
            let path = "/zookeeper/quota/\(name)"
            bench.request(bench.create(path), on: id)
            for (part, text) in [
                ("limits", "count=\(Int.min),bytes=\(Int.max)=;countHardLimit=\(Int.min)"),
                ("stats", "count=\(Int.max),bytes=\(Int.min)"),
            ] {
                let data = Array(text.utf8)
                let request = CreateRequest(
                    path: "\(path)/zookeeper_\(part)",
                    data: data,
                    mode: .persistent
                )
                bench.request(.create(request), on: id)
                let change = SetDataRequest(path: request.path, data: data, version: -1)
                bench.request(.setData(change), on: id)
            }
        }
        let text = try #require(answer("mntr"))
        #expect(!text.contains("_limit_per_namespace"))
        #expect(text.contains("\nzk_a_quota_count_usage_per_namespace\t0\n"))
    }

    @Test func `the rest of the words answer as a server without a disk`() throws {
        #expect(try #require(answer("envi")).contains("\nzookeeper.version=3.8.0"))
        #expect(try #require(answer("conf")).contains("minSessionTimeout=4000\n"))
        #expect(answer("dirs") == "datadir_size: 0\nlogdir_size: 0\n")
        #expect(answer("hash") == "")
        #expect(answer("gtmk") == "306")
        #expect(answer("stmk") == "")
        #expect(answer("stmk\0\0\0\0\0\0\u{1}\u{2}") == "258")
        #expect(answer("gtmk") == "258")
    }

    @Test func `srst sets back what it shows, and not the metrics`() throws {
        let id = bench.client()
        bench.request(.ping, on: id)
        #expect(answer("srst") == "Server stats reset.\n")
        #expect(try #require(answer("srvr")).contains("\nReceived: 1\nSent: 1\n"))
        #expect(bench.engine.status(at: nil).received == 4)
    }

    @Test func `dump shows when sessions expire, what they own, and their connections`() throws {
        let id = bench.client()
        bench.request(bench.create("/e", .ephemeral), on: id)
        #expect(
            answer("dump") == """
                SessionTracker dump:
                Session Sets (1)/(1):
                1 expire at Thu Jan 01 00:16:46 UTC 1970:
                \t0x100
                ephemeral nodes dump:
                Sessions with Ephemerals (1):
                0x100:
                \t/e
                Connections dump:
                Connections Sets (2)/(2):
                1 expire at Thu Jan 01 00:16:50 UTC 1970:
                \tip: /127.0.0.1:50000 sessionId: 0x100
                1 expire at Thu Jan 01 00:17:00 UTC 1970:
                \tip: /127.0.0.1:50000 sessionId: 0x0

                """
        )
    }

    @Test func `watches are shown by session and by path`() throws {
        let (first, second) = (bench.client(), bench.client())
        for (id, path) in [(first, "/é"), (first, "/b"), (second, "/b")] {
            bench.request(.exists(ExistsRequest(path: path, watch: true)), on: id)
        }
        let bySession = try #require(answer("wchc"))
        #expect(bySession.hasSuffix("0x101\n\t/b\n\n"))
        #expect(bySession.contains("\t/é\n"))
        let byPath = try #require(answer("wchp"))
        #expect(byPath.contains("/b\n\t0x100\n\t0x101\n"))
        #expect(byPath.contains("/é\n\t0x100\n"))
        #expect(byPath.utf8.count == "/b\n\t0x100\n\t0x101\n/é\n\t0x100\n\n".utf8.count)
        #expect(answer("wchs") == "2 connections watching 2 paths\nTotal watches:3\n")
    }

    // MARK: Who may ask

    private static let far = SocketAddress(ip: .v4(0x0a00_0001), port: 1)

    @Test func `from elsewhere only srvr is answered`() throws {
        let text = answer("ruok", from: Self.far)
        #expect(text == "ruok is not executed because it is not in the whitelist.\n")
        #expect(try #require(answer("srvr", from: Self.far)).contains("Mode: standalone"))
    }

    @Test func `a list holds for all addresses, and srvr is always in it`() throws {
        let bench = ServerBench(words: .only(["mntr"]))
        for peer in [Self.far, ServerBench.address] {
            #expect(try #require(answer("ruok", from: peer, on: bench)).contains("whitelist"))
            #expect(try #require(answer("mntr", from: peer, on: bench)).hasPrefix("zk_version"))
            #expect(try #require(answer("srvr", from: peer, on: bench)).contains("Zxid"))
        }
        let open = ServerBench(words: .all)
        #expect(answer("ruok", from: Self.far, on: open) == "imok")
    }

    @Test func `words count only before a handshake`() {
        let id = bench.client()
        bench.send(Array("ruok".utf8), on: id)
        #expect(bench.takeBytes(id).isEmpty)
        #expect(bench.ended == [id])
    }

    // MARK: Long answers

    @Test func `a long dump is written in slices, between which others are served`() throws {
        let owner = bench.client()
        for number in 0..<2_000 {
            bench.request(bench.create("/e\(number)", .ephemeral), on: owner)
        }
        bench.takeBytes(owner)
        let asker = try #require(bench.open())
        var intake = bench.send(Array("dump\n".utf8), on: asker)
        var (turns, text) = (0, "")
        while intake.next == .anotherTurn {
            let slice = bench.takeBytes(asker)
            #expect(slice.count <= Limits.wordLinesPerTurnMax * 40)
            text += String(decoding: slice, as: UTF8.self)
            // What changes meanwhile does not disturb the list.
            let path = "/e\(turns)"
            #expect(bench.ask(.delete(DeleteRequest(path: path, version: -1)), on: owner) != nil)
            turns += 1
            intake = bench.send([], on: asker)
        }
        text += String(decoding: bench.takeBytes(asker), as: UTF8.self)
        #expect(turns >= 2_000 / Limits.wordLinesPerTurnMax)
        #expect(bench.ended.contains(asker))
        let paths = text.split(separator: "\n").filter { $0.hasPrefix("\t/e") }
        #expect(Set(paths).count >= 2_000 - turns)
        #expect(paths.count == Set(paths).count)
    }

    @Test func `a slice of an answer ends with its lines or with their bytes`() {
        var slice = WordSlice(linesLeft: 3)
        slice.add("short\n")
        #expect(slice.linesLeft == 2)
        slice.add(String(repeating: "x", count: 1_024))
        #expect(slice.linesLeft <= 0)
    }

    @Test func `an asker who does not read holds little, and is closed after ten seconds`() throws {
        let owner = bench.client()
        let name = String(repeating: "x", count: 200)
        for number in 0..<8_000 {
            bench.request(bench.create("/\(name)\(number)", .ephemeral), on: owner)
            if number % 1_000 == 0 { bench.takeBytes(owner) }
        }
        let asker = try #require(bench.open())
        bench.deaf = [asker]
        var intake = bench.send(Array("dump".utf8), on: asker)
        while intake.next == .anotherTurn { intake = bench.send([], on: asker) }
        #expect(intake.next == .wait)
        #expect(bench.unsentTotal < Limits.unsentBytesHigh + Limits.wordLinesPerTurnMax * 300)
        // Some of it is read: ten more seconds.
        bench.engine.written(asker, unsent: bench.unsentTotal - 1)
        for second in [10, 20] {
            bench.request(.ping, on: owner)
            bench.now = bench.now + .seconds(3)
            bench.request(.ping, on: owner)
            bench.now = bench.now + .seconds(3)
            bench.request(.ping, on: owner)
            bench.now = bench.now + .seconds(4)
            bench.wake()
            #expect(bench.ended.contains(asker) == (second == 20))
        }
        #expect(bench.reasons[asker]?.text.contains("reads nothing") == true)
    }

    // MARK: Figures

    @Test func `percentiles are exact below 16 ms and to an eighth above`() {
        var latencies = Latencies()
        for value in 0..<10 { latencies.add(value) }
        #expect(latencies.percentile(0.5) == 4)
        #expect(latencies.percentile(0.999) == 9)
        for value in [15, 16, 17, 18, 31, 32, 1_000, 123_456, 1 << 30] {
            let shown = Latencies.value(of: Latencies.bucket(of: value))
            #expect(shown >= min(value, 1 << 28 - 1))
            #expect(Double(shown) <= Double(value) * 1.125)
        }
        #expect(Latencies().percentile(0.5) == 0)
    }
}
