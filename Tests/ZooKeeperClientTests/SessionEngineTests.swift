import ServiceModel
import Testing
import Wire
import ZooKeeperProtocol

@testable import ZooKeeperClient

@Suite struct SessionEngineTests {
    // MARK: Connecting

    @Test func `a start dials, an open connection asks for a session, an answer connects`() throws {
        var harness = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181", "zk3:2181"] }
        harness.start()
        #expect(harness.takeCommands() == [.connect(attempt: 1, server: 0)])
        #expect(harness.takeStates() == [.connecting])
        harness.open()
        let request = try harness.takeConnectRequest()
        #expect(request == ConnectRequest(timeoutMilliseconds: 9_000))
        harness.accept()
        #expect(harness.takeStates() == [.connected(sessionID: 7, resumed: false)])
        #expect(harness.engine.identity?.sessionID == 7)
    }

    @Test func `A1.10 the granted timeout rules, not the wanted one`() {
        var harness = EngineHarness()
        harness.start()
        harness.open()
        harness.accept(timeoutMilliseconds: 4_000)
        #expect(harness.engine.timeout == .seconds(4))
        #expect(harness.engine.deadline == harness.now + .seconds(4) / 3)
    }

    @Test func `every server is tried before a pause, and pauses grow to one second`() {
        var harness = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181", "zk3:2181"] }
        harness.start()
        var order: [Int] = []
        var pauses: [Duration] = []
        for _ in 0..<24 {
            for case .connect(_, let server) in harness.takeCommands() { order.append(server) }
            harness.lose()
            if case .pausing(let until) = harness.engine.phase {
                pauses.append(until - harness.now)
                harness.pass(until - harness.now)
            }
        }
        #expect(order == (0..<24).map { $0 % 3 })
        let ranges = [50...100, 100...200, 200...400, 400...800, 500...1_000, 500...1_000]
        for (pause, range) in zip(pauses, ranges) {
            #expect(range.contains(Int(pause.milliseconds)), "\(pause) not in \(range)")
        }
    }

    @Test func `a server that accepts connections and says nothing is left after its share`() {
        var harness = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181", "zk3:2181"] }
        harness.start()
        harness.open()
        harness.forget()
        harness.pass(.milliseconds(2_999))
        #expect(harness.takeCommands().isEmpty)
        harness.pass(.milliseconds(1))
        #expect(harness.takeCommands() == [.disconnect, .connect(attempt: 2, server: 1)])
    }

    @Test func `credentials and watches go out before anything that waited`() throws {
        let credential = SessionConfiguration.Credential(scheme: "digest", bytes: [1])
        var harness = EngineHarness { $0.credentials = [credential] }
        harness.connect()
        harness.submit(.get("/w", watch: true))
        harness.reply(.data(GetDataResponse(data: nil, stat: .sample)), xid: 1, zxid: 40)
        harness.lose()
        harness.submit(.get("/waits"))
        harness.open()
        harness.forget()
        harness.accept()
        let sent = try harness.takeRequests()
        #expect(sent.map(\.xid) == [-4, -8, 2])
        let renewal = SetWatchesRequest(
            relativeZxid: 40,
            dataWatches: ["/w"],
            existWatches: [],
            childWatches: []
        )
        #expect(sent[1].request == .setWatches(renewal))
        #expect(sent[2].request == .get("/waits"))
    }

    // MARK: Keeping alive

    @Test func `A1.8 pings go out at a third, and silence ends the connection at two thirds`()
        throws
    {
        var harness = EngineHarness()
        harness.connect()
        harness.pass(.milliseconds(2_999))
        #expect(try harness.takeRequests().isEmpty)
        harness.pass(.milliseconds(1))
        #expect(try harness.takeRequests().map(\.xid) == [XID.ping])
        harness.reply(xid: XID.ping, zxid: 9)
        #expect(harness.engine.lastZxid == 9)
        harness.pass(.seconds(3))
        #expect(try harness.takeRequests().map(\.xid) == [XID.ping])
        harness.pass(.milliseconds(2_999))
        #expect(harness.takeStates().isEmpty)
        harness.pass(.milliseconds(1))
        #expect(harness.takeStates() == [.suspended])
        #expect(harness.takeCommands() == [.disconnect, .connect(attempt: 2, server: 0)])
    }

    @Test func `after a stall of our own the server gets time to answer a ping`() throws {
        var harness = EngineHarness()
        harness.connect()
        harness.pass(.seconds(60))
        #expect(try harness.takeRequests().map(\.xid) == [XID.ping])
        #expect(harness.takeStates().isEmpty)
        harness.pass(.seconds(2))
        harness.reply(xid: XID.ping)
        harness.pass(.seconds(1))
        #expect(harness.takeStates().isEmpty)
    }

    @Test func `requests in a row count as life, unanswered ones do not`() {
        var harness = EngineHarness()
        harness.connect()
        for _ in 0..<5 {
            harness.submit(.get("/a"))
            harness.pass(.seconds(1))
        }
        #expect(harness.takeStates().isEmpty)
        harness.submit(.get("/a"))
        harness.pass(.seconds(1))
        #expect(harness.takeStates() == [.suspended])
    }

    // MARK: Losing and resuming

    @Test func `a loss fails what was sent as unknown, and resumes with id, password and zxid`()
        throws
    {
        var harness = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181"] }
        harness.connect()
        harness.submit(.get("/a"), tag: 1)
        harness.reply(.data(GetDataResponse(data: [], stat: .sample)), xid: 1, zxid: 77)
        harness.submit(.get("/b"), tag: 2)
        harness.forget()
        harness.lose()
        let events = harness.takeEvents()
        #expect(events.first == .state(.suspended))
        guard case .reply(.sink(2), .failure(let error), 0)? = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(error.code == .outcomeUnknown)
        #expect(harness.takeCommands() == [.connect(attempt: 2, server: 1)])
        harness.open()
        let request = try harness.takeConnectRequest()
        #expect(request.sessionID == 7)
        #expect(request.password == Array(repeating: 2, count: 16))
        #expect(request.lastZxidSeen == 77)
        harness.accept()
        #expect(harness.takeStates() == [.connected(sessionID: 7, resumed: true)])
    }

    @Test func `A1.9 a refused resume expires, forgets watches, and makes a new session at once`()
        throws
    {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(.addWatch(AddWatchRequest(path: "/a", mode: .persistent)))
        harness.reply(.error(.ok), xid: 1)
        harness.lose()
        harness.open()
        harness.submit(.get("/waits"), tag: 9)
        harness.forget()
        harness.refuse()
        let events = harness.takeEvents()
        #expect(events.first == .state(.expired))
        guard case .reply(.sink(9), .failure(let error), _)? = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(error.code == .sessionExpired)
        #expect(harness.takeCommands() == [.disconnect, .connect(attempt: 3, server: 0)])
        harness.open()
        let request = try harness.takeConnectRequest()
        #expect(request == ConnectRequest(timeoutMilliseconds: 9_000))
        harness.accept(id: 8)
        #expect(harness.takeStates() == [.connected(sessionID: 8, resumed: false)])
        #expect(try harness.takeRequests().isEmpty)
    }

    @Test func `A13.1 a session of an earlier process is resumed, or expires`() throws {
        let identity = SessionIdentity(sessionID: 5, password: [9])
        for isKnown in [true, false] {
            var harness = EngineHarness { $0.identity = identity }
            harness.start()
            harness.open()
            #expect(try harness.takeConnectRequest().sessionID == 5)
            if isKnown {
                harness.accept(id: 5)
                let states = harness.takeStates()
                #expect(states == [.connecting, .connected(sessionID: 5, resumed: true)])
            } else {
                harness.refuse()
                #expect(harness.takeStates() == [.connecting, .expired])
            }
        }
    }

    @Test func `a new session that is refused is a failed attempt and no expiry`() {
        var harness = EngineHarness()
        harness.start()
        harness.open()
        harness.forget()
        harness.refuse()
        #expect(harness.takeStates().isEmpty)
        #expect(harness.takeCommands() == [.disconnect])
        #expect(harness.engine.deadline != nil)
    }

    @Test func `what waits for a connection fails as not sent after one round`() {
        var harness = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181"] }
        harness.start()
        harness.submit(.get("/a"), tag: 3)
        harness.lose()
        #expect(harness.takeFailures().isEmpty)
        harness.lose()
        let failure = harness.takeFailures()[3]
        #expect(failure?.code == .notSent)
        #expect(
            failure?.message.contains("(zk1:2181, zk2:2181): gone") == true,
            "\(failure as Any)"
        )
    }

    @Test func `connections that are lost as soon as they are made meet growing pauses`() {
        var harness = EngineHarness { $0.servers = ["zk1:2181", "zk2:2181"] }
        harness.start()
        var pauses: [Int] = []
        for _ in 0..<12 {
            harness.open()
            harness.accept()
            harness.lose()
            guard case .pausing(let until) = harness.engine.phase else { continue }
            pauses.append(Int((until - harness.now).milliseconds))
            harness.pass(until - harness.now)
        }
        #expect(pauses.count == 6)
        #expect((500...1_000).contains(pauses.last ?? 0))
        harness.open()
        harness.accept()
        harness.pass(.seconds(1))
        harness.lose()
        #expect(String("\(harness.engine.phase)".prefix { $0 != "(" }) == "dialing")
    }

    // MARK: Closing

    @Test func `close waits for the server's word, and earlier requests are still answered`() throws
    {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(.get("/a"), tag: 1)
        harness.close()
        #expect(try harness.takeRequests().map(\.request) == [.get("/a"), .closeSession])
        harness.submit(.get("/late"), tag: 2)
        #expect(harness.takeFailures()[2]?.code == .closed)
        harness.reply(.data(GetDataResponse(data: nil, stat: .sample)), xid: 1)
        #expect(harness.takeStates().isEmpty)
        harness.reply(xid: 2)
        #expect(harness.takeStates() == [.closed])
        #expect(harness.takeCommands() == [.disconnect])
        #expect(harness.engine.deadline == nil)
    }

    @Test func `close does not wait for ever`() {
        var harness = EngineHarness()
        harness.connect()
        harness.submit(.get("/a"), tag: 1)
        harness.close()
        harness.forget()
        harness.pass(.seconds(2))
        #expect(harness.takeCommands() == [.disconnect])
        let events = harness.takeEvents()
        #expect(events.last == .state(.closed))
        #expect(events.count == 2)
    }

    @Test func `a refused credential ends the session for good`() {
        let credential = SessionConfiguration.Credential(scheme: "digest", bytes: [1])
        var harness = EngineHarness { $0.credentials = [credential] }
        harness.connect()
        harness.reply(.authFailed, xid: XID.auth, zxid: 0)
        #expect(harness.takeStates() == [.authFailed])
        harness.submit(.get("/a"), tag: 1)
        #expect(harness.takeFailures()[1]?.code == .closed)
    }

    // MARK: Each state times each input

    private static let phases = [
        "idle", "pausing", "resolving", "dialing", "handshaking", "connected", "closing", "closed",
    ]
    private static let inputs = [
        "start", "opened", "stale", "lost", "timer", "submit", "close", "accept", "refuse", "reply",
        "event", "ping", "garbage", "setWatches refused", "looked up", "look-up failed", "probe",
    ]

    private func harness(in phase: String) -> EngineHarness {
        var harness = EngineHarness { $0.looksUpNames = phase == "resolving" }
        switch phase {
        case "idle": break
        case "resolving": harness.start()
        case "pausing":
            harness.start()
            harness.lose()
        case "dialing": harness.start()
        case "handshaking":
            harness.start()
            harness.open()
        case "connected": harness.connect()
        case "closing":
            harness.connect()
            harness.close()
        default: harness.close()
        }
        harness.forget()
        return harness
    }

    private func apply(_ input: String, to harness: inout EngineHarness) {
        switch input {
        case "start": harness.start()
        case "opened": harness.open()
        case "stale":
            harness.engine.connectionLost(attempt: 1_000, reason: "", now: harness.now)
            harness.engine.connectionOpened(attempt: 1_000, now: harness.now)
            harness.engine.received([0, 0, 0, 0].span, attempt: 1_000, now: harness.now)
        case "lost": harness.lose()
        case "timer": harness.pass(.seconds(100))
        case "submit": harness.submit(.get("/a"), tag: 1)
        case "close": harness.close()
        case "accept": harness.accept()
        case "refuse": harness.refuse()
        case "reply": harness.reply(xid: 1)
        case "event": harness.fire(.nodeCreated, "/a")
        case "ping": harness.reply(xid: XID.ping)
        case "garbage": harness.receive([0xff, 0xff, 0xff, 0xff])
        case "looked up": harness.lookedUp(0)
        case "look-up failed": harness.lookedUp(0, failure: "no such name")
        case "probe": harness.probeEnded(1, isWritable: true)
        default: harness.reply(.unimplemented, xid: XID.setWatches)
        }
    }

    /// The phase afterwards; a missing pair means that nothing changes.
    private let outcomes: [String: [String: String]] = [
        "idle": ["start": "dialing", "close": "closed"],
        "pausing": ["timer": "dialing", "close": "closed"],
        "resolving": [
            "looked up": "dialing", "look-up failed": "pausing", "timer": "pausing",
            "close": "closed",
        ],
        "dialing": [
            "opened": "handshaking", "lost": "pausing", "timer": "pausing", "close": "closed",
        ],
        "handshaking": [
            "lost": "pausing", "timer": "pausing", "close": "closed", "accept": "connected",
            "refuse": "pausing", "garbage": "pausing",
        ],
        "connected": [
            "lost": "dialing", "close": "closing", "accept": "dialing", "refuse": "dialing",
            "reply": "dialing", "garbage": "dialing", "setWatches refused": "dialing",
        ],
        "closing": [
            "lost": "closed", "timer": "closed", "accept": "closed", "refuse": "closed",
            "reply": "closed", "garbage": "closed", "setWatches refused": "closed",
        ],
        "closed": [:],
    ]

    @Test(arguments: phases, inputs)
    func `each state takes each input`(phase: String, input: String) throws {
        var harness = harness(in: phase)
        apply(input, to: &harness)
        let reached = String("\(harness.engine.phase)".prefix { $0 != "(" })
        let isFrame =
            phase == "handshaking"
            && ["reply", "ping", "event", "setWatches refused"].contains(input)
        if isFrame {
            // Too short or too odd for a ConnectResponse: whatever it is taken for, nothing traps.
            #expect(["pausing", "connected"].contains(reached))
        } else {
            #expect(reached == outcomes[phase]?[input] ?? phase)
        }
        let isWaiting = ["idle", "closed"].contains(reached)
        #expect((harness.engine.deadline == nil) == isWaiting, "a phase without a deadline hangs")
        if input == "submit" {
            let ends = harness.takeFailures()[1]?.code
            #expect(ends == (["closing", "closed"].contains(phase) ? .closed : nil))
        }
    }
}
