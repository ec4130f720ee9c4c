import Runtime
import ServiceModel
import Testing
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct ReadOnlyTests {
    @Test func `a server that only reads is a state of its own, and its session no lasting one`()
        throws
    {
        var harness = EngineHarness { $0.allowsReadOnly = true }
        harness.start()
        harness.open()
        #expect(try harness.takeConnectRequest().readOnly == true)
        harness.accept(id: 5, readOnly: true)
        #expect(
            harness.takeStates() == [.connecting, .connectedReadOnly(sessionID: 5, resumed: false)]
        )
        harness.submit(.get("/a", watch: true))
        harness.reply(.data(GetDataResponse(data: [], stat: .sample)), xid: 1, zxid: 9)
        harness.forget()
        harness.now = harness.now + .seconds(2)
        harness.lose()
        harness.open()
        // No other server knows the session, so a new one is asked for.
        #expect(try harness.takeConnectRequest().sessionID == 0)
        harness.accept(id: 6)
        #expect(harness.takeStates() == [.suspended, .connected(sessionID: 6, resumed: false)])
        let watches = try harness.takeRequests().map(\.request)
        let renewal = SetWatchesRequest(
            relativeZxid: 9,
            dataWatches: ["/a"],
            existWatches: [],
            childWatches: []
        )
        #expect(watches == [.setWatches(renewal)])
    }

    @Test func `a session of an ensemble goes on at a server that only reads`() throws {
        var harness = EngineHarness { $0.allowsReadOnly = true }
        harness.connect()
        harness.lose()
        harness.open()
        #expect(try harness.takeConnectRequest().sessionID == 7)
        harness.accept(id: 7, readOnly: true)
        #expect(
            harness.takeStates()
                == [.suspended, .connectedReadOnly(sessionID: 7, resumed: true)]
        )
        #expect(!harness.engine.isProvisional)
        harness.now = harness.now + .seconds(2)
        harness.lose()
        harness.open()
        #expect(try harness.takeConnectRequest().sessionID == 7)
        harness.refuse()
        #expect(harness.takeStates() == [.suspended, .expired])
    }

    @Test func `a server that refuses anew after it only read is a failed attempt`() {
        var harness = EngineHarness { $0.allowsReadOnly = true }
        harness.start()
        harness.open()
        harness.accept(id: 5, readOnly: true)
        harness.forget()
        harness.lose()
        harness.pass(.seconds(1))
        harness.open()
        harness.refuse()
        #expect(!harness.takeStates().contains(.expired))
    }

    @Test func `servers are tried in an order of chance`() async {
        let hosts = (1...40).map { "zk\($0):2181" }
        let loop = EventLoop(name: "t-order")
        var orders: Set<[String]> = []
        for _ in 0..<3 {
            let configuration = SessionConfiguration(servers: .hosts(hosts))
            let session = ZooKeeperSession(loop: loop, configuration: configuration)
            let order = await session.configuration.servers.names
            #expect(Set(order) == Set(hosts))
            orders.insert(order)
        }
        #expect(orders.count > 1)
        loop.stop()
    }
}
